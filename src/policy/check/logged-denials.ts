// What a service or systemd wrote down of a denial, put to the model: a message counts only where the sandbox, as it is modelled, gives what the
// message tells. What a service says is its own word: it may show what is denied, it is never a reason to allow it. Pure.
// Sources: errno(3) and strerror(3) for the words; systemd.exec(5), "process exit codes"; src/core/service.c and exec-invoke.c of systemd 252.

import type { Access, Mode } from '../../process/access.ts';
import { emptyProfile } from '../../profile/merge.ts';
import type { Fact, Profile } from '../../profile/profile.ts';
import { DIRECTIVE_ROWS } from '../directives/table.ts';
import type { Outcome } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import type { HostView } from '../host-view.ts';
import type { Denial } from '../sandbox/denial.ts';
import { judge } from '../sandbox/judge.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { judgeStart } from '../sandbox/starts.ts';

/** One line of a journal. `time`: seconds since 1970. */
export interface LoggedMessage {
  text: string;
  time: number;
}

export interface LoggedDenial {
  outcome: Outcome;
  /** The message that told it first. */
  message: string;
  first: number;
  last: number;
  count: number;
  /** What was denied, where the message names it. */
  access: Access | null;
  /** The line that denies it; of several, the message does not tell which. */
  by: Assignment[];
}

/** What libc says of an errno, and how programs write it: `EROFS`, `errno 30`, `[Errno 30]`, `(30: …)`. */
const ERRNOS: readonly (readonly [errno: string, words: string, number: number])[] = [
  ['EACCES', 'permission denied', 13],
  ['EPERM', 'operation not permitted', 1],
  ['EROFS', 'read-only file system', 30],
  ['ENOENT', 'no such file or directory', 2],
  ['EXDEV', 'invalid cross-device link', 18],
  ['EAFNOSUPPORT', 'address family not supported', 97],
  ['ENOSYS', 'function not implemented', 38],
];

/** What systemd says of a process or a start that its sandbox ended → the exit code or signal. */
const ENDS: readonly (readonly [pattern: RegExp, outcome: Outcome])[] = [
  [/status=31\/SYS|signal SYS\b/, 'SIGSYS'],
  [/status=226\/NAMESPACE|set up mount namespacing|step NAMESPACE/, '226/NAMESPACE'],
  [/status=228\/SECCOMP|step SECCOMP/, '228/SECCOMP'],
  [/status=200\/CHDIR|step CHDIR/, '200/CHDIR'],
];

/** Part of a search (in lower case, as journalctl --grep takes it) that finds every message that may tell of a denial. */
export const DENIAL_WORDS: string = [
  ...ERRNOS.flatMap(([errno, words, number]) => [errno.toLowerCase(), words, `errno:? ?${number}\\b`]),
  'status=(31|200|226|228)/',
  'signal sys\\b',
  'mount namespacing',
].join('|');

/** How the words of a message tell what was tried; the first that occurs counts. */
const TRIED: readonly (readonly [pattern: RegExp, mode: Mode])[] = [
  [/\b(?:exec|execve|spawn|execute|executing)\b/i, 'exec'],
  [/\b(?:mkdir|creat|create|creating|mknod|symlink)\b/i, 'create'],
  [/\b(?:unlink|remove|removing|delete|deleting|rmdir)\b/i, 'delete'],
  [/\b(?:chmod|chown|utime|utimes|permissions of)\b/i, 'meta'],
  [/\bbind(?:ing)?\b/i, 'create'],
  [/\bconnect(?:ing)?\b/i, 'connect'],
];
/** Tried in this order where no word tells: what takes the least comes first. */
const MODES: readonly Mode[] = ['read', 'list', 'connect', 'exec', 'write', 'create', 'meta', 'delete'];

/** More names than these are not looked at: a message is the word of whoever wrote it. */
const NAMES = 400;
const PATH = /(?:^|[\s"'`(=:[<,])(\/[^\s"'`:,;)\]>]{1,4095})/g;

const errnoIn = (text: string): string | null => {
  const lower = text.toLowerCase();
  const found = ERRNOS.find(
    ([errno, words, number]) =>
      lower.includes(words) || new RegExp(`\\b${errno}\\b|\\berrno:? ?${number}\\b`, 'i').test(text),
  );
  return found?.[0] ?? null;
};

const pathsIn = (text: string): string[] =>
  [...text.matchAll(PATH)].map(([, path = '']) => path.replace(/[.…]+$/, '').replace(/\/+$/, '') || '/');

/** One thing that may have been denied. */
interface Suspect {
  errno: string;
  path: string;
  modes: readonly Mode[];
}

function suspectsOf(message: LoggedMessage, { type, known }: HostView): Suspect[] {
  const errno = errnoIn(message.text);
  if (errno === null) return [];
  const tried = TRIED.find(([pattern]) => pattern.test(message.text))?.[1];
  return pathsIn(message.text).map(path => {
    // What is not there is made, not written.
    const first = known && type(path) === null ? 'create' : tried;
    return { errno, path, modes: first === undefined ? MODES : [first, ...MODES.filter(mode => mode !== first)] };
  });
}

const accessTo = (path: string, mode: Mode): Access => ({ kind: 'path', mode, path });

const fact = (access: Access, line: number): Fact => ({
  ...access,
  evidence: { count: 1, runs: [], origin: { trace: 'journal', line, pid: null, syscall: '' }, by: [] },
});

/** Accesses as a profile that the model can be asked about. */
export const asProfile = (accesses: readonly Access[]): Profile => ({
  ...emptyProfile(),
  facts: accesses.map((access, i) => fact(access, i + 1)),
});

/** What the model says of a use of a path. What a message names was wished for only: it tells nothing of what the machine has. */
const judged = (access: Access, sandbox: Sandbox): Denial | null =>
  judge(access, sandbox, { host: sandbox.context.host, made: () => false });

/** Lines that may be the cause of an outcome without a name; all of them, as the message does not tell which. */
function linesFor(outcome: Outcome, text: string, sandbox: Sandbox): Assignment[] {
  const { assignments } = sandbox;
  const named = (...names: string[]): Assignment[] => assignments.filter(({ name }) => names.includes(name));
  switch (outcome) {
    case 'EAFNOSUPPORT':
      return named('RestrictAddressFamilies');
    case 'ENOSYS':
      return named('SystemCallErrorNumber').at(-1)?.value === 'ENOSYS' ? named('SystemCallFilter') : [];
    case 'SIGSYS':
      return named('SystemCallFilter', 'SystemCallArchitectures').filter(({ value }) => value !== '');
    case '226/NAMESPACE': {
      const paths = pathsIn(text);
      const written = assignments.filter(
        ({ name, value }) =>
          DIRECTIVE_ROWS.get(name)?.kind === 'paths' && paths.some(path => value.split(/[\s:"]+/).includes(path)),
      );
      return written.length > 0 ? written : startLines(outcome, sandbox);
    }
    default:
      return startLines(outcome, sandbox);
  }
}

const startLines = (outcome: Outcome, sandbox: Sandbox): Assignment[] =>
  judgeStart(sandbox, { here: true, unseen: [] }).failures.flatMap(failure =>
    failure.outcome === outcome ? [failure.by] : [],
  );

/** Of what does not name a path: signals and exit codes from systemd, errnos that only a filter gives. */
function unnamed(message: LoggedMessage, sandbox: Sandbox): Pick<LoggedDenial, 'outcome' | 'by'> | null {
  const end = ENDS.find(([pattern]) => pattern.test(message.text))?.[1];
  const errno = errnoIn(message.text);
  const outcome = end ?? (errno === 'EAFNOSUPPORT' || errno === 'ENOSYS' ? errno : null);
  if (outcome === null) return null;
  const by = linesFor(outcome, message.text, sandbox);
  // A signal or exit code of systemd tells of a denial even where no line is known to give it.
  return by.length === 0 && end === undefined ? null : { outcome, by };
}

/**
 * The denials that messages of a unit tell and its sandbox gives, in the order in which they were first told. `sandbox`: the unit as it was
 * when they were written.
 */
export function loggedDenials(messages: readonly LoggedMessage[], sandbox: Sandbox): LoggedDenial[] {
  const { host } = sandbox.context;
  const suspects = messages.flatMap(message => suspectsOf(message, host));
  const paths = new Map<string, Map<Mode, Denial | null>>();
  for (const { path } of suspects)
    if (paths.size < NAMES && !paths.has(path))
      paths.set(path, new Map(MODES.map(mode => [mode, judged(accessTo(path, mode), sandbox)])));
  const found = new Map<string, LoggedDenial>();
  const add = (message: LoggedMessage, key: string, denial: Pick<LoggedDenial, 'outcome' | 'access' | 'by'>): void => {
    const known = found.get(key);
    if (known === undefined) {
      found.set(key, { ...denial, message: message.text, first: message.time, last: message.time, count: 1 });
      return;
    }
    known.count++;
    known.first = Math.min(known.first, message.time);
    known.last = Math.max(known.last, message.time);
  };
  for (const message of messages) {
    const end = unnamed(message, sandbox);
    if (end !== null)
      add(message, `${end.outcome}\0${end.by.map(({ name }) => name).join()}`, { ...end, access: null });
    for (const { errno, path, modes } of suspectsOf(message, host)) {
      // What is not there at all is not hidden by the sandbox.
      if (errno === 'ENOENT' && host.type(path) === null) continue;
      const uses = paths.get(path);
      const mode = modes.find(one => uses?.get(one)?.outcome === errno);
      const by = mode === undefined ? undefined : uses?.get(mode)?.by;
      if (mode !== undefined && by !== undefined)
        add(message, `${errno}\0${path}`, { outcome: errno, access: accessTo(path, mode), by: [by] });
    }
  }
  return [...found.values()];
}
