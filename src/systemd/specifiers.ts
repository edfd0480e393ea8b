// Specifiers (`%i`, `%S` …) of a unit's settings → their text. The table is systemd.unit(5), «Specifiers»; what the machine says of
// itself comes from the outside. An unknown one, or one whose answer is not known, is an error: systemd would ignore the line.

import { UsageError } from '../errors.ts';
import type { Assignment } from '../policy/findings.ts';
import { SANDBOX_SECTIONS } from '../policy/sandbox/settings.ts';

/** The user whose manager runs the unit. */
export interface Account {
  name: string;
  uid: number;
  group: string;
  gid: number;
  home: string;
  shell: string;
}

/** What the machine tells. Null: not known. */
export interface Machine {
  hostname: string;
  /** The one for people, else the other. */
  prettyHostname: string;
  machineId: string | null;
  bootId: string | null;
  kernel: string;
  architecture: string;
  osRelease: Readonly<Record<string, string>>;
}

export interface SpecifierContext {
  /** Full name of the unit; null when a drop-in was given without one. */
  unit: string | null;
  /** Instance of a template, when the name holds none. */
  instance?: string;
  /** The unit file. */
  fragment: string | null;
  /** Null: the system's manager. */
  user: Account | null;
  machine: Machine;
}

const ROOT: Account = { name: 'root', uid: 0, group: 'root', gid: 0, home: '/root', shell: '/bin/sh' };

/** systemd.unit(5), «String escaping»: `-` is `/`, `\x2d` a byte. */
function unescapeName(text: string): string {
  return text
    .replace(/-/g, '/')
    .replace(/(?:\\x[0-9a-fA-F]{2})+/g, bytes => Buffer.from(bytes.replace(/\\x/g, ''), 'hex').toString('utf8'));
}

interface Parts {
  prefix: string;
  instance: string | null;
  full: string;
  bare: string;
}

function partsOf({ unit, instance }: SpecifierContext): Parts | null {
  if (unit === null) return null;
  const bare = unit.replace(/\.[a-z]+$/, '');
  const at = bare.indexOf('@');
  if (at < 0) return { prefix: bare, instance: null, full: unit, bare };
  const own = bare.slice(at + 1) || (instance ?? null);
  const suffix = unit.slice(bare.length);
  const named = own === null ? bare : `${bare.slice(0, at + 1)}${own}`;
  return { prefix: bare.slice(0, at), instance: own, full: `${named}${suffix}`, bare: named };
}

type Answer = string | null;
type Specifier = (context: SpecifierContext, parts: Parts | null, account: Account) => Answer;

/** Directories of the system's manager and of a user's (systemd 252). */
const directory =
  (system: string, user: (account: Account) => string): Specifier =>
  (context, _, account) =>
    context.user === null ? system : user(account);

const last = (text: string | undefined): Answer => text?.slice(text.lastIndexOf('-') + 1) ?? null;
const release =
  (key: string): Specifier =>
  ({ machine }) =>
    machine.osRelease[key] ?? '';

const SPECIFIERS: Readonly<Record<string, Specifier>> = {
  a: ({ machine }) => machine.architecture,
  A: release('IMAGE_VERSION'),
  b: ({ machine }) => machine.bootId,
  B: release('BUILD_ID'),
  C: directory('/var/cache', ({ home }) => `${home}/.cache`),
  d: ({ unit }, parts) => (unit === null ? null : `/run/credentials/${parts?.full ?? unit}`),
  E: directory('/etc', ({ home }) => `${home}/.config`),
  f: (_, parts) => (parts === null ? null : `/${unescapeName(parts.instance ?? parts.prefix).replace(/^\//, '')}`),
  g: (_context, _parts, { group }) => group,
  G: (_context, _parts, { gid }) => String(gid),
  h: (_context, _parts, { home }) => home,
  H: ({ machine }) => machine.hostname,
  i: (_, parts) => parts?.instance ?? (parts === null || parts.full.includes('@') ? null : ''),
  I: (_, parts) =>
    parts?.instance === undefined || parts.instance === null
      ? parts === null || parts.full.includes('@')
        ? null
        : ''
      : unescapeName(parts.instance),
  j: (_, parts) => last(parts?.prefix),
  J: (_, parts) => (parts === null ? null : unescapeName(last(parts.prefix) ?? '')),
  l: ({ machine }) => machine.hostname.replace(/\..*/, ''),
  L: directory('/var/log', ({ home }) => `${home}/.config/log`),
  m: ({ machine }) => machine.machineId,
  M: release('IMAGE_ID'),
  n: (_, parts) => parts?.full ?? null,
  N: (_, parts) => parts?.bare ?? null,
  o: release('ID'),
  p: (_, parts) => parts?.prefix ?? null,
  P: (_, parts) => (parts === null ? null : unescapeName(parts.prefix)),
  q: ({ machine }) => machine.prettyHostname,
  s: (_context, _parts, { shell }) => shell,
  S: directory('/var/lib', ({ home }) => `${home}/.config`),
  t: directory('/run', ({ uid }) => `/run/user/${uid}`),
  T: () => '/tmp',
  u: (_context, _parts, { name }) => name,
  U: (_context, _parts, { uid }) => String(uid),
  v: ({ machine }) => machine.kernel,
  V: () => '/var/tmp',
  w: release('VERSION_ID'),
  W: release('VARIANT_ID'),
  y: ({ fragment }) => fragment,
  Y: ({ fragment }) => (fragment === null ? null : fragment.replace(/\/[^/]*$/, '') || '/'),
  '%': () => '%',
};

/** Settings in which systemd resolves specifiers, of those that make a sandbox. */
const RESOLVED: ReadonlySet<string> = new Set([
  'User',
  'Group',
  'SupplementaryGroups',
  'RootDirectory',
  'RootImage',
  'ReadWritePaths',
  'ReadOnlyPaths',
  'InaccessiblePaths',
  'ReadWriteDirectories',
  'ReadOnlyDirectories',
  'InaccessibleDirectories',
  'ExecPaths',
  'NoExecPaths',
  'TemporaryFileSystem',
  'BindPaths',
  'BindReadOnlyPaths',
  'MountImages',
  'ExtensionImages',
  'ExtensionDirectories',
  'RuntimeDirectory',
  'StateDirectory',
  'CacheDirectory',
  'LogsDirectory',
  'ConfigurationDirectory',
  'DeviceAllow',
  'WorkingDirectory',
]);

/** What stands for a specifier is one word, whatever it holds. */
const asWord = (text: string): string => text.replace(/[\\"'\s:]/g, '\\$&');

/** An assignment with its specifiers replaced. Throws UsageError. */
export function resolveSpecifiers(assignment: Assignment, context: SpecifierContext): Assignment {
  const { section, name, value, at } = assignment;
  if (!SANDBOX_SECTIONS.has(section) || !RESOLVED.has(name) || !value.includes('%')) return assignment;
  const parts = partsOf(context);
  const account = context.user ?? ROOT;
  const refuse = (code: string, message: string, hint: string): UsageError =>
    new UsageError(code, `${at.file}:${at.line}: ${name}=${value}: ${message}`, hint);
  const resolved = value.replace(/%(.?)/gs, (_, letter: string) => {
    const specifier = SPECIFIERS[letter];
    if (specifier === undefined)
      throw refuse(
        'ignored-specifier',
        `%${letter} is no specifier, so systemd ignores it`,
        'write %% for a per cent sign',
      );
    const answer = specifier(context, parts, account);
    if (answer === null)
      throw refuse(
        'bad-specifier',
        `what %${letter} stands for is not known here`,
        'iIfjJ'.includes(letter) && context.unit !== null
          ? 'name the instance with --instance'
          : 'name the unit, not only its drop-in',
      );
    return letter === '%' ? '%' : asWord(answer);
  });
  return { ...assignment, value: resolved };
}
