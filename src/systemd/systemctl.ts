// Talking to the running systemd, of the system or of the user, through systemctl. Nothing here decides anything.

import { execa } from 'execa';
import { debug } from '../debug.ts';
import { UsageError } from '../errors.ts';
import { LongLine, linesOf } from '../text-lines.ts';

/** Properties of a unit as `systemctl show` prints them; a property that was not printed is ''. */
export interface Properties {
  (name: string): string;
  /** Whether this systemd has the property. */
  has(name: string): boolean;
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

interface Called {
  stdout: string;
  stderr: string;
  failed: boolean;
  code?: string | undefined;
}

/** Runs a program out of reach of Ctrl-C: that is for us, who may have to call it again to undo what it did. */
async function call(file: string, words: readonly string[]): Promise<Called> {
  const called = await execa(file, words, { reject: false, stdin: 'ignore', detached: true });
  debug(() => `ran ${file} ${words.join(' ')}: exit status ${called.exitCode ?? called.code ?? called.signal}`);
  // Between fork(2) and setsid(2) it reaches the child too, which then has not begun.
  return called.signal === 'SIGINT' ? call(file, words) : called;
}

/** A line of the journal may hold what a service printed; longer ones are of no use here, and end what is read. */
const LINE_LIMIT = 1 << 20;

const sinceWords = (seconds: number): string[] => ['--no-pager', '--quiet', `--since=@${seconds.toFixed(3)}`];

/** The lines that a program prints, as they come; none where it cannot run, and those before its failure. */
export async function* printed(file: string, words: readonly string[]): AsyncGenerator<string> {
  const child = execa(file, words, { reject: false, buffer: false, stdin: 'ignore', stderr: 'ignore', detached: true });
  try {
    yield* linesOf(child.stdout, LINE_LIMIT);
  } catch (error) {
    if (!(error instanceof LongLine)) throw error;
  } finally {
    child.kill();
    await child;
  }
}

/** One service manager. */
export class Systemctl {
  readonly #scope: readonly string[];
  readonly user: boolean;

  constructor(user: boolean) {
    this.user = user;
    this.#scope = user ? ['--user'] : [];
  }

  /** Runs systemctl; what it says when it fails becomes the error. */
  async run(...words: string[]): Promise<string> {
    const { stdout, stderr, failed } = await this.attempt(...words);
    if (failed)
      throw new UsageError(
        'systemctl-failed',
        `systemctl ${words.join(' ')}: ${firstLine(stderr) || 'failed'}`,
        /connect to bus|Host is down/.test(stderr)
          ? `is ${this.user ? "the user's service manager running (XDG_RUNTIME_DIR)" : 'systemd running here'}?`
          : `journalctl ${this.user ? '--user ' : ''}-e tells more`,
      );
    return stdout;
  }

  /** Runs systemctl; never throws for what it answers. */
  async attempt(...words: string[]): Promise<{ stdout: string; stderr: string; failed: boolean }> {
    const { stdout, stderr, failed, code } = await call('systemctl', [...this.#scope, '--no-pager', ...words]);
    if (code === 'ENOENT')
      throw new UsageError('no-systemd', 'systemctl is not installed: this is not a systemd machine');
    return { stdout, stderr, failed };
  }

  /** All properties of a unit, also of one that does not run. */
  async show(unit: string): Promise<Properties> {
    const text = await this.run('show', '--all', '--', unit);
    const found = new Map<string, string>();
    for (const line of text.split('\n')) {
      const equals = line.indexOf('=');
      if (equals > 0) found.set(line.slice(0, equals), line.slice(equals + 1));
    }
    return Object.assign((name: string) => found.get(name) ?? '', { has: (name: string) => found.has(name) });
  }

  async reload(): Promise<void> {
    await this.run('daemon-reload');
  }

  /** The unit's messages since a time (seconds), oldest first; empty when the journal cannot be read. */
  async journal(unit: string, since: number, lines = 200): Promise<string[]> {
    const found: string[] = [];
    const words = [
      ...this.#scope,
      '--output=cat',
      `--lines=${lines}`,
      this.user ? `--user-unit=${unit}` : `--unit=${unit}`,
    ];
    for await (const line of printed('journalctl', [...words, ...sinceWords(since)])) if (line !== '') found.push(line);
    return found;
  }

  /** What systemd said of the unit since a time (seconds), and the kernel of anybody, as lines of JSON. */
  records(unit: string, since: number): AsyncGenerator<string> {
    // The kernel speaks to the system's journal, whose manager the unit has.
    const matches = ['_TRANSPORT=kernel', '+', '_TRANSPORT=audit', '+', `${this.user ? 'USER_UNIT' : 'UNIT'}=${unit}`];
    return printed('journalctl', ['--output=json', ...sinceWords(since), ...matches]);
  }
}

/** The full name of a service: `nginx` → `nginx.service`. Only services can be learned. */
export function serviceName(word: string): string {
  const name = /\.[a-z]+$/.test(word) ? word : `${word}.service`;
  if (!/^[A-Za-z0-9:_.\\@-]+\.service$/.test(name) || name.length > 200)
    throw new UsageError('bad-unit', `'${word}' is not a service name`, 'such as nginx.service, or getty@tty1.service');
  if (name.includes('@.'))
    throw new UsageError(
      'template',
      `${name} is a template, which runs nothing itself`,
      `name an instance: ${name.replace('@.', '@NAME.')}; for one of a socket with Accept=yes see docs/service.md, «A service for each connection»`,
    );
  return name;
}
