// What the arguments of a call tell about directives, beyond its name and its paths: sockets, addresses, namespaces, memory, modes.
// One function per `tells` word of syscalls.ts. Sources: the section 2 man pages and systemd.exec(5) for what decides.

import { rowOf } from '../row.ts';
import { fdArgument, socketAddress } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import type { Access, ProcessAccess, SyscallAccess, UnresolvedAccess } from './access.ts';
import { socketType } from './changes.ts';
import { modeOf } from './modes.ts';
import { EPHEMERAL } from './ports.ts';
import type { Entry, Processes, Task } from './state.ts';
import type { Row, Tell } from './syscalls.ts';

const NAMESPACES: readonly (readonly [flag: RegExp, type: string])[] = [
  [/\bCLONE_NEWNS\b/, 'mnt'],
  [/\bCLONE_NEWNET\b/, 'net'],
  [/\bCLONE_NEWUSER\b/, 'user'],
  [/\bCLONE_NEWPID\b/, 'pid'],
  [/\bCLONE_NEWIPC\b/, 'ipc'],
  [/\bCLONE_NEWUTS\b/, 'uts'],
  [/\bCLONE_NEWCGROUP\b/, 'cgroup'],
  [/\bCLONE_NEWTIME\b/, 'time'],
];

const TRANSPORT: Readonly<Record<string, string>> = { SOCK_STREAM: 'tcp', SOCK_DGRAM: 'udp', SOCK_SEQPACKET: 'sctp' };

/** Errnos of a connect that is under way or done: not a refusal. */
export const PENDING_CONNECT: ReadonlySet<string> = new Set(['EINPROGRESS', 'EALREADY', 'EISCONN', 'EINTR', 'EAGAIN']);

/** What a call can tell beside its name and paths. */
type Told = Exclude<Access, ProcessAccess | SyscallAccess | UnresolvedAccess>;

const NOTHING: readonly Told[] = [];

const feature = (name: string, value?: string): Told =>
  value === undefined ? { kind: 'feature', name } : { kind: 'feature', name, value };

function address(op: 'bind' | 'connect' | 'send', call: Call, raw: string | undefined, task: Task): Told[] {
  const found = socketAddress(raw);
  if (found === null) return [];
  if (found.abstract !== undefined)
    return [{ kind: 'address', op, family: found.family, address: `@${found.abstract}` }];
  if (found.host === undefined)
    return op === 'bind' && found.family === 'AF_UNIX' && !task.fs.ownUmask
      ? [feature('made-for-others', TO_CONNECT)]
      : [];
  const fd = fdArgument(call.args[0])?.fd;
  const transport = rowOf(TRANSPORT, (fd === undefined ? undefined : task.files.get(fd)?.socket?.type) ?? '');
  const port = op !== 'bind' && (found.port ?? 0) >= EPHEMERAL ? 0 : found.port;
  return [
    {
      kind: 'address',
      op,
      family: found.family,
      address: found.host,
      ...(port === undefined ? {} : { port }),
      ...(transport === undefined ? {} : { transport }),
    },
  ];
}

function namespaces(call: Call): readonly Told[] {
  if (call.name === 'setns' && call.args[1] === '0') return [{ kind: 'namespace', type: 'any', call: call.name }];
  const text = call.args.join(' ');
  if (!text.includes('CLONE_NEW')) return NOTHING;
  return NAMESPACES.flatMap(([flag, type]) => (flag.test(text) ? { kind: 'namespace', type, call: call.name } : []));
}

function memory(call: Call): Told[] {
  const protection = call.args[2] ?? '';
  if (!protection.includes('PROT_EXEC')) return [];
  if (call.name.endsWith('mprotect')) return [{ kind: 'memory', what: 'protect' }];
  return protection.includes('PROT_WRITE') ? [{ kind: 'memory', what: 'map' }] : [];
}

/** A file mapped executable: the library, or the program itself. */
function mapped(call: Call, task: Task): Told[] {
  if (!call.args[2]?.includes('PROT_EXEC')) return [];
  const argument = fdArgument(call.args[4]);
  if (argument === null || argument.fd < 0) return [];
  const path = argument.path ?? task.files.get(argument.fd)?.path;
  return path == null || argument.deleted ? [] : [{ kind: 'path', mode: 'map', path }];
}

/** Calls that make a file, a directory or a socket, and so are subject to the umask. */
const MAKES = /^(?:creat|mkdir|mkdirat|mknod|mknodat)$/;
/** What open(2) never makes, O_CREAT or not: the devices that every /dev has, and the kernel's own files. */
const NEVER_MADE = /^"\/(?:dev\/(?:null|zero|full|u?random|tty)"|proc\/|sys\/)/;
const FOR_OTHERS = 0o077;
/** unix(7): to connect takes write permission for the socket, which bind(2) makes with all bits that the umask leaves. */
const TO_CONNECT = '022';

function mode(call: Call, task: Task): readonly Told[] {
  const raw = modeOf(call);
  if (raw === undefined) return NOTHING;
  const octal = /(?:^|\|)(0[0-7]+)$/.exec(raw)?.[1];
  const special = /S_IS[UG]ID/.test(raw) || (octal !== undefined && (Number.parseInt(octal, 8) & 0o6000) !== 0);
  const found: Told[] = special ? [feature('suid-sgid', octal ?? raw)] : [];
  const opens = call.name.startsWith('open') && octal !== undefined;
  const makes = MAKES.test(call.name) || (opens && !call.args.some(raw => NEVER_MADE.test(raw)));
  const forOthers = octal === undefined ? 0 : Number.parseInt(octal, 8) & FOR_OTHERS;
  // A PID file, or the temporary name it is written under, is for the manager, who is root.
  const isPidFile = call.args.some(raw => /\.pid(?:[.~-]\w*)?"$/.test(raw));
  if (makes && forOthers !== 0 && !task.fs.ownUmask && !isPidFile)
    found.push(feature('made-for-others', `0${forOthers.toString(8)}`));
  return found;
}

/** Own ids are named by the call: uid, gid or groups. */
function identity(call: Call): Told[] {
  if (call.name.startsWith('setgroups'))
    return [feature('identity', `groups ${/\[([\d, ]*)\]/.exec(call.args[1] ?? '')?.[1] ?? ''}`.trim())];
  const what = call.name.includes('uid') ? 'uid' : 'gid';
  const ids = new Set(call.args.filter(raw => /^\d+$/.test(raw)));
  return [...ids].map(id => feature('identity', `${what} ${id}`));
}

function prctl(call: Call): Told[] {
  const [option = '', value = ''] = call.args;
  if (option === 'PR_SET_NO_NEW_PRIVS') return [feature('no-new-privs')];
  if (option === 'PR_SET_SECCOMP') return [feature('own-seccomp')];
  if (option === 'PR_CAP_AMBIENT' && value === 'PR_CAP_AMBIENT_RAISE') return [feature('ambient', call.args[2] ?? '')];
  return [];
}

/** The first process of a log, and its threads: what systemd takes for the main process of a command. */
const isMain = ({ parent, exe }: Task): boolean => parent === null && exe !== null;

/** Signals with which services are stopped: KillSignal= of systemd.kill(5), as Debian's units have it. */
const STOPPING: readonly string[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'];

/** The signals that the main process takes care of itself: by a handler, or by reading them from a descriptor. */
function handled({ name, args }: Call, task: Task): readonly Told[] {
  if (!isMain(task)) return NOTHING;
  if (name.startsWith('signalfd')) {
    const words = new Set((args[1] ?? '').replace(/[[\]]/g, '').split(/[ ,]+/));
    return STOPPING.filter(signal => words.has(signal.slice(3))).map(signal => feature('handles-signal', signal));
  }
  const [signal = '', action = ''] = args;
  return STOPPING.includes(signal) && /sa_(?:handler|sigaction)=0x/.test(action)
    ? [feature('handles-signal', signal)]
    : NOTHING;
}

/** kill(2) and similar of one process that is not in the log. */
function signalled({ name, args }: Call, task: Task, processes: Processes): readonly Told[] {
  if (name === 'pidfd_send_signal') return NOTHING;
  const pid = Number(/^\d+/.exec(args[0] ?? '')?.[0] ?? 0);
  return pid === 0 || pid === task.pid || pid === task.tgid || processes.has(pid)
    ? NOTHING
    : [feature('signal-foreign')];
}

type Teller = (call: Call, task: Task, entry: Entry, processes: Processes) => readonly Told[];

const TELLERS: Readonly<Partial<Record<Tell, Teller>>> = {
  socket: call => {
    const [family = '', , protocol] = call.args;
    return [
      { kind: 'socket', family, type: socketType(call.args[1]), ...(protocol === undefined ? {} : { protocol }) },
    ];
  },
  'sockaddr-bind': (call, task) => address('bind', call, call.args[1], task),
  'sockaddr-connect': (call, task) => address('connect', call, call.args[1], task),
  'sockaddr-send': (call, task) => address('send', call, call.args[4], task),
  'sockaddr-msg': (call, task) => address('send', call, call.args[1], task),
  namespace: namespaces,
  memory,
  map: mapped,
  shmat: call => (call.args[2]?.includes('SHM_EXEC') ? [{ kind: 'memory', what: 'shmat' }] : []),
  realtime: call => {
    const policy = /SCHED_(?:FIFO|RR|DEADLINE)/.exec(call.args.join(' '));
    return policy === null ? [] : [feature('realtime', policy[0])];
  },
  mode,
  identity,
  // PER_LINUX is what every process has; the question for it (0xffffffff) is refused like any other value by LockPersonality=.
  personality: call => (call.args[0] === 'PER_LINUX' ? [] : [feature('personality', call.args[0] ?? '')]),
  prctl,
  seccomp: call => (call.args[0]?.startsWith('SECCOMP_SET_MODE') ? [feature('own-seccomp')] : []),
  mknod: call => {
    const kind = /S_IF(CHR|BLK)/.exec(call.args.join(' '));
    return kind === null ? [] : [feature('mknod-device', kind[1] === 'CHR' ? 'char' : 'block')];
  },
  'io-uring': () => [
    feature('io-uring'),
    { kind: 'blind', what: 'io_uring: files and sockets used through it are not in the log' },
  ],
  'ipc-sysv': () => [feature('ipc', 'sysv')],
  'ipc-mq': () => [feature('ipc', 'posix-mq')],
  'peer-credentials': call =>
    /^SO_(?:PEERCRED|PEERGROUPS|PASSCRED)$/.test(call.args[2] ?? '') ? [feature('peer-credentials', call.args[2])] : [],
  handler: handled,
  signal: (call, task, _, processes) => signalled(call, task, processes),
  grandchild: (call, task) =>
    task.parent !== null && !call.args.join(' ').includes('CLONE_THREAD') ? [feature('grandchild')] : NOTHING,
  keyring: call => [feature('keyring', call.name)],
};

/** Everything a call tells beyond its paths, with its errno. */
export function features(row: Row, call: Call, task: Task, entry: Entry, processes: Processes): readonly Access[] {
  if (row.tells === undefined) return NOTHING;
  let found = NOTHING;
  for (const tell of row.tells) {
    const told = TELLERS[tell]?.(call, task, entry, processes) ?? NOTHING;
    if (told.length > 0) found = [...found, ...told];
  }
  const { errno } = call.result;
  const refused = errno === undefined || (call.name === 'connect' && PENDING_CONNECT.has(errno)) ? undefined : errno;
  if (refused === undefined || found.length === 0) return found;
  return found.map(access => (access.kind === 'blind' ? access : { ...access, errno: refused }));
}
