// argv → one command → exit status. Together with commands/ the only code that knows yargs, process and stdout.

import process from 'node:process';
import type { Io } from './commands/cli/command.ts';
import { packageVersion } from './commands/package-version.ts';
import { COMMANDS } from './commands/table.ts';
import { debug, isDebugging, showDebug } from './debug.ts';
import { EXIT, fileTrouble, UsageError } from './errors.ts';
import { didYouMean } from './nearest-word.ts';
import { printable } from './render/printable.ts';
import { rowOf } from './row.ts';

const overview = (): string => {
  const width = Math.max(...Object.keys(COMMANDS).map(verb => verb.length));
  const verbs = Object.entries(COMMANDS).map(([verb, { summary }]) => `  ${verb.padEnd(width)}  ${summary}`);
  return `allowtrace: learn from strace what a service does; propose, check and explain its systemd sandbox

Usage: allowtrace COMMAND [OPTION…] [ARGUMENT…]

${verbs.join('\n')}

Examples:
  allowtrace replay daemon.strace > sandbox.conf     a drop-in from a saved \`strace -f -o\` log
  allowtrace learn -- /usr/sbin/daemon -d            learn while it runs
  allowtrace check daemon.service -- daemon.strace   check recorded behaviour against a unit

\`allowtrace COMMAND --help\` says more; \`allowtrace --version\` prints the version.
Exit status: 0 done (check: fits), 1 check found violations, 2 error, 3 a proposal from incomplete evidence.
`;
};

/** Standard output is a file on a disk that has no more room. Files that are written by name have their own words for that. */
const isFull = (error: unknown): boolean =>
  error instanceof Error &&
  'syscall' in error &&
  error.syscall === 'write' &&
  'code' in error &&
  (error.code === 'ENOSPC' || error.code === 'EDQUOT');

const full = (error: unknown): string => `allowtrace: standard output: ${fileTrouble(error)}\n`;

/** Relative paths mean nothing in a directory that was removed. */
function checkPlace(): void {
  try {
    process.cwd();
  } catch (error) {
    throw new UsageError('no-directory', `the current directory: ${fileTrouble(error)}`, 'cd to one that is there');
  }
}

/** Before the words are understood, since it tells of that too; what stands behind `--` is for others. */
function isDebugWanted(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? words.length : end).includes('--debug');
}

/** A bug of allowtrace: one line, where it happened where somebody wants to know, and never the exit status of a verdict. */
function brokenDown(error: unknown, { stderr }: Pick<Io, 'stderr'>): number {
  if (error instanceof Error && 'path' in error && 'syscall' in error) {
    stderr.write(`allowtrace: ${printable(String(error.path))}: ${fileTrouble(error)}\n`);
    return EXIT.failed;
  }
  const message = error instanceof Error ? error.message : String(error);
  stderr.write(`allowtrace: internal error: ${printable(message.split('\n')[0] ?? '')}\n`);
  if (isDebugging() && error instanceof Error) stderr.write(`${error.stack}\n`);
  else stderr.write('  please report it with the command; --debug shows where it happened\n');
  return EXIT.failed;
}

/** Runs one command line (without node and script) and resolves to its exit status. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [verb, ...words] = argv;
  try {
    if (verb === '--version' || verb === '-V') {
      io.stdout.write(`${packageVersion()}\n`);
      return EXIT.ok;
    }
    if (verb === undefined || verb === '--help' || verb === '-h' || verb === 'help') {
      const target = verb === 'help' ? words[0] : undefined;
      if (target !== undefined && Object.hasOwn(COMMANDS, target)) return await main([target, '--help'], io);
      (verb === undefined ? io.stderr : io.stdout).write(overview());
      return verb === undefined ? EXIT.failed : EXIT.ok;
    }
    const entry = rowOf(COMMANDS, verb);
    if (entry === undefined)
      throw new UsageError(
        'unknown-command',
        `there is no command '${verb}'`,
        didYouMean(verb, Object.keys(COMMANDS)) ?? 'allowtrace --help lists them',
      );
    if (isDebugWanted(words)) showDebug(line => io.stderr.write(`${printable(line)}\n`));
    debug(() => `allowtrace ${packageVersion()}, Node ${process.version}, ${process.platform} ${process.arch}`);
    checkPlace();
    const { runCommand } = await import('./commands/run.ts');
    const status = await runCommand(verb, entry, words, io);
    debug(() => `exit status ${status}`);
    return status;
  } catch (error) {
    if (isFull(error)) {
      io.stderr.write(full(error));
      return EXIT.failed;
    }
    if (!(error instanceof UsageError)) return brokenDown(error, io);
    const { message, hint } = error;
    io.stderr.write(`allowtrace: ${printable(message)}\n${hint === undefined ? '' : `  ${printable(hint)}\n`}`);
    return EXIT.failed;
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe went away (`| head`), or the terminal: nothing is left to say.
  if (error.code === 'EPIPE' || error.code === 'EIO') process.exit(EXIT.ok);
  if (!isFull(error)) throw error;
  process.stderr.write(full(error));
  process.exit(EXIT.failed);
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  // Nobody listens to remarks any more; the work goes on.
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
});
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => process.exit(brokenDown(error, process)));
// Should nothing be left to wait for before the command has ended, it did not do what it was asked.
process.exitCode = EXIT.failed;
void main(process.argv.slice(2), process).then(status => {
  process.exitCode = status;
});
