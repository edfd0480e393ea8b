// The exit statuses of the command and the one error type that is meant for the user's eyes.
// Anything else that is thrown is a bug in allowtrace.

/**
 * Exit statuses: 0 done (check: it fits), 1 findings (check: it does not fit), 2 could not do what was asked, 3 nothing proves a proposal:
 * none passes its own check, so none was printed, or the evidence of the one that was printed is incomplete.
 */
export const EXIT = { ok: 0, findings: 1, failed: 2, unproven: 3 } as const;

/**
 * An error whose cause lies outside allowtrace: a bad option, an unreadable log, a missing strace.
 * `message` says what is wrong and where (`file:line`), `hint` says how to fix it, `code` is stable for machines.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

const ERRNO_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a directory',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  ELOOP: 'symbolic links that go round in a circle',
};

/** What the operating system said about a file, in words: Node's own message repeats the path and the call. */
export function fileTrouble(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return ('code' in error ? ERRNO_WORDS[String(error.code)] : undefined) ?? error.message;
}
