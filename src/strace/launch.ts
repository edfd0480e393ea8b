// Which strace this machine has, and how to call it for learning. It starts nothing but probes; commands/learn/run-traced.ts runs the command.
// Sources: strace(1) and strace's NEWS: -y shows AT_FDCWD<cwd> since 5.15, --kill-on-exit is automatic with --seccomp-bpf since 6.6.

import { execa } from 'execa';
import { UsageError } from '../errors.ts';
import { HOT_CALLS } from './hot-calls.ts';
import type { Layout } from './layout.ts';

/** The strace of this machine. */
export interface Strace {
  path: string;
  /** As it calls itself: `6.1`. */
  version: string;
  /** When it dies, the kernel kills what it traces with a filter; older ones leave it without system calls. */
  killsOnExit: boolean;
}

/** `seccomp`: a kernel filter stops only at the calls that are traced, and hot ones are assumed. `complete`: every call stops. */
export type Tracing = 'seccomp' | 'complete';

/** The oldest that prints what learning needs (`AT_FDCWD</cwd>`). */
const OLDEST: readonly [number, number] = [5, 15];
const KILLS_ON_EXIT: readonly [number, number] = [6, 6];
const INSTALL =
  'install it: apt-get install strace (Debian, Ubuntu), dnf install strace (Fedora), apk add strace (Alpine)';

/** Without `cleanup`, for which execa listens to signals: one that comes while it stops to listen would be lost. */
const PROBE = { reject: false, stdin: 'ignore', cleanup: false } as const;

const atLeast = (version: readonly [number, number], [major, minor]: readonly [number, number]): boolean =>
  version[0] > major || (version[0] === major && version[1] >= minor);

/** `strace -- version 6.1` → [6, 1]; null when the text is not strace's. */
export function parseVersion(text: string): [number, number] | null {
  const found = /^strace -- version (\d+)\.(\d+)/.exec(text);
  return found === null ? null : [Number(found[1]), Number(found[2])];
}

/** Does a kernel (`6.18.4-amd64`) know calls that this strace has no name for? strace is numbered as the kernels it is made for. */
export function isOlder({ version }: Strace, kernel: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [kernelMajor = 0, kernelMinor = 0] = kernel.split(/[.-]/).map(Number);
  return !atLeast([major, minor], [kernelMajor, kernelMinor]);
}

/** Finds strace and asks its version. A UsageError tells what to install when it is missing or older than 5.15. */
export async function findStrace(path = 'strace'): Promise<Strace> {
  const { stdout, failed, code } = await execa(path, ['-V'], { ...PROBE, stderr: 'ignore' });
  if (failed && (code === 'ENOENT' || code === 'EACCES'))
    throw new UsageError('no-strace', `${path} is not installed, or not in PATH`, INSTALL);
  const version = parseVersion(stdout);
  if (version === null) throw new UsageError('no-strace', `${path} -V does not answer as strace does`, INSTALL);
  const text = version.join('.');
  if (!atLeast(version, OLDEST))
    throw new UsageError(
      'old-strace',
      `strace ${text} is too old: learning needs ${OLDEST.join('.')} or newer`,
      INSTALL,
    );
  return { path, version: text, killsOnExit: atLeast(version, KILLS_ON_EXIT) };
}

/** What keeps a mode from working here; null: it works. An error when this machine lets nobody trace. */
export async function probeTracing(strace: Strace, mode: Tracing): Promise<string | null> {
  const words = ['-f', '-o', '/dev/null', ...modeArguments(mode), '--', strace.path, '-V'];
  const { stderr, exitCode } = await execa(strace.path, words, { ...PROBE, stdout: 'ignore' });
  const complaint = stderr.split('\n').find(line => line.includes('strace: ')) ?? '';
  if (exitCode !== 0)
    throw new UsageError(
      'no-ptrace',
      `strace cannot trace here: ${complaint.replace(/^.*strace: /, '') || `exit status ${exitCode}`}`,
      'ptrace(2) must be allowed, and nobody may trace us already: see kernel.yama.ptrace_scope and, in a container, CAP_SYS_PTRACE',
    );
  return complaint === '' ? null : complaint.replace(/^.*strace: /, '');
}

const WITHOUT_HOT_CALLS = [
  '-e',
  `trace=!${Object.keys(HOT_CALLS)
    .map(name => `?${name}`)
    .join(',')}`,
];

const modeArguments = (mode: Tracing): string[] => (mode === 'complete' ? [] : ['--seccomp-bpf', ...WITHOUT_HOT_CALLS]);

/** Columns of the log that `straceArguments` asks for. */
export const LIVE_LAYOUT: Layout = {
  pid: 'column',
  context: false,
  time: 'unix',
  relative: false,
  number: false,
  pointer: false,
};

/**
 * The words after `strace`, up to and including `--`; the command follows. `log` is a file or FIFO that strace opens.
 * `-D` makes the command the caller's own child, with its pid, signals and exit status, and strace a grandchild.
 * `quiet=attach` keeps the notices of 32-bit programs, which `-o` alone would suppress.
 */
export function straceArguments(mode: Tracing, log: string): string[] {
  const plain = ['-D', '-f', '-y', '-ttt', '-e', 'quiet=attach', '--decode-pids=pidns', '-o', log];
  return [...plain, ...modeArguments(mode), '--'];
}

/** The words after `strace` that attach it to running processes and show which of their calls fail, but for hot ones. */
export function attachArguments(log: string, pids: readonly number[]): string[] {
  const shown = ['-e', 'status=failed,unavailable', '-e', 'quiet=attach', '--decode-pids=pidns'];
  return ['-f', '-y', '-ttt', ...shown, ...WITHOUT_HOT_CALLS, '-o', log, ...pids.flatMap(pid => ['-p', String(pid)])];
}
