// Which capability a successful call needed: the `needs` words of syscalls.ts with their conditions.
// `certain` means the call would have failed without it; otherwise the log does not show what would decide.
// Sources: capabilities(7) and the section 2 page of each call. Ownership of files is not known here (see policy/).

import { rowOf } from '../row.ts';
import { fdArgument, socketAddress } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import type { CapabilityAccess } from './access.ts';
import { hardLimit } from './effects.ts';
import { modeOf } from './modes.ts';
import type { Condition, Need } from './need-words.ts';
import { HIDDEN, messageOf, protocolOf } from './netlink.ts';
import type { Task } from './state.ts';
import type { Row } from './syscalls.ts';

interface Judgement {
  certain: boolean;
  detail?: string;
}

const numbers = (call: Call): number[] =>
  call.args.map(Number).filter(n => Number.isInteger(n) && n !== -1 && n !== 0xffffffff);

/** Root, or perhaps root. Another user who got what he asked for without a capability of his own had a right to it. */
const isRoot = (task: Task): boolean => task.uid === null || task.uid === 0;

const maybe = (task: Task, detail?: string): Judgement | null =>
  isRoot(task) ? { certain: false, ...(detail === undefined ? {} : { detail }) } : null;

/** A uid that is neither its effective, its real nor its saved one. With unknown credentials only root's 0 may be its own. */
function otherUid(call: Call, task: Task): Judgement | null {
  const own = [task.uid, task.realUid, task.savedUid];
  const id = numbers(call).find(one => !own.includes(one));
  return id === undefined ? null : { certain: task.uid !== null || id !== 0, detail: `id ${id}` };
}

/** Group ids of processes are not followed: root's is taken for 0, another user may only take on one of his own. */
function otherGid(call: Call, task: Task): Judgement | null {
  const id = numbers(call).find(one => one !== 0);
  return id === undefined || !isRoot(task) ? null : { certain: true, detail: `id ${id}` };
}

/** chown(2): an owner may give a file to his groups, nobody else. Giving root what is root's already needs nothing. */
function otherOwner(call: Call, task: Task): Judgement | null {
  const given = (call.name.startsWith('fchownat') ? call.args.slice(2, 4) : call.args.slice(1, 3)).map(Number);
  const [uid, gid] = given.map(id => (id === 0xffffffff ? -1 : id));
  const detail = `to ${uid}:${gid}`;
  if (uid === -1 && gid === -1) return null;
  if (!isRoot(task)) return uid !== -1 && uid !== task.uid ? { certain: true, detail } : null;
  return { certain: task.uid === 0 && !([0, -1].includes(uid ?? 0) && [0, -1].includes(gid ?? 0)), detail };
}

/** setrlimit(2): raising the hard limit. What it was is known if the process asked before. */
function raisedLimit(call: Call, task: Task): Judgement | null {
  const [resource = '', limits] = call.name === 'prlimit64' ? call.args.slice(1) : call.args;
  const hard = hardLimit(limits);
  if (hard === null) return null;
  const before = rowOf(task.limits, resource);
  if (before === undefined) return maybe(task, resource);
  return hard > before ? { certain: true, detail: `${resource} above ${before}` } : null;
}

const text = (call: Call): string => call.args.join(' ');
const when = (holds: boolean, certain: boolean, detail?: string): Judgement | null =>
  holds ? { certain, ...(detail === undefined ? {} : { detail }) } : null;

/** `SO_MARK`; of a socket on this machine with its value, which tells who asks: `SO_SNDBUFFORCE [8388608] of AF_UNIX`. */
function socketOption(call: Call, task: Task): string | undefined {
  const [socket, , option, value] = call.args;
  const fd = fdArgument(socket)?.fd;
  const isLocal = fd !== undefined && task.files.get(fd)?.socket?.family === 'AF_UNIX';
  return isLocal ? `${option} ${value} of AF_UNIX` : option;
}

/** Asking for the messages of a group, by bind(2) or by an option. */
const joins = (call: Call): boolean =>
  call.name === 'bind' ? /nl_groups=(?:0x)?0*[1-9a-f]/.test(text(call)) : call.args[2] === 'NETLINK_ADD_MEMBERSHIP';

/** Who a call acts on, when that is one process: its pid; null: itself, or none. */
function actedOn({ name, args }: Call): { pid: number; what: string } | null {
  const isPriority = name === 'setpriority' || name === 'ioprio_set';
  const pid = Number(/^\d+/.exec(args[isPriority ? 1 : 0] ?? '')?.[0] ?? 0);
  if (pid === 0) return null;
  return isPriority && !args[0]?.endsWith('_PROCESS') ? { pid: -1, what: args[0] ?? '' } : { pid, what: 'a process' };
}

/** Of the user of a process; -1: of whoever belongs to a group or user. */
type UidOf = (pid: number) => number | null;

/** Programs (bpf(2)) that look at the kernel or at other processes, and those that look at packets: kernel/bpf/syscall.c. */
const TRACING_PROGRAMS = /BPF_PROG_TYPE_(?:KPROBE|TRACEPOINT|PERF_EVENT|RAW_TRACEPOINT|TRACING|LSM|STRUCT_OPS|EXT)\b/;
const NETWORK_PROGRAMS =
  /BPF_PROG_TYPE_(?:SCHED_|XDP|LWT_|SK_|SOCK_OPS|FLOW_DISSECTOR|LIRC_MODE2|CGROUP_(?!SKB)|EXT|NETFILTER|STRUCT_OPS)/;

/** Messages by which the rules of auditing are read or changed: audit_netlink_ok() of kernel/audit.c. */
const AUDIT_RULES =
  /^AUDIT_(?:GET|SET|(?:LIST|ADD|DEL)_RULE|LIST_RULES|[GS]ET_FEATURE|SIGNAL_INFO|TTY_[GS]ET|TRIM|MAKE_EQUIV)$/;

/** What the conditions of the table ask; those that look at more than the call are marked there (need-words.ts). */
const JUDGES: Readonly<Record<Condition, (call: Call, task: Task, uidOf: UidOf) => Judgement | null>> = {
  maybe: (_, task) => maybe(task),
  device: call => when(/S_IF(?:CHR|BLK)/.test(text(call)), true),
  'other-owner': otherOwner,
  // open_tree(2): a copy of mounts; to look at one needs nothing.
  'clone-tree': call => when(text(call).includes('OPEN_TREE_CLONE'), true, 'OPEN_TREE_CLONE'),
  'other-uid': otherUid,
  'other-gid': otherGid,
  'low-port': call => {
    const port = socketAddress(call.args[1])?.port;
    return port === undefined ? null : when(port > 0 && port < 1024, true, `port ${port}`);
  },
  raw: call => {
    const [family = '', type = ''] = call.args;
    const raw = family === 'AF_PACKET' || (type.includes('SOCK_RAW') && family !== 'AF_NETLINK');
    return when(raw, true, `${family} ${type}`);
  },
  audit: call => when(call.args[2] === 'NETLINK_AUDIT', false, 'NETLINK_AUDIT'),
  netfilter: call => {
    const what = call.args[0] === 'AF_KEY' ? call.args[0] : (call.args[2] ?? '');
    return when(/AF_KEY|NETLINK_(?:NETFILTER|XFRM)/.test(what), false, what);
  },
  'route-change': (call, task) => {
    const change = messageOf(call, task);
    if (change === HIDDEN && protocolOf(call, task) === 'NETLINK_ROUTE')
      return maybe(task, 'a message of NETLINK_ROUTE');
    return change !== null && /^RTM_(?:NEW|DEL|SET)/.test(change) ? when(true, true, change) : null;
  },
  'set-gid': (call, task) => {
    const mode = modeOf(call);
    return /S_ISGID|(?:^|\|)0?[2367]\d{3}$/.test(mode ?? '') ? maybe(task, mode) : null;
  },
  'sockopt-admin': (call, task) =>
    when(
      /FORCE|SO_MARK|SO_DEBUG|SO_BUSY_POLL|TRANSPARENT|TCP_REPAIR|XFRM_POLICY/.test(call.args[2] ?? ''),
      true,
      socketOption(call, task),
    ),
  'sockopt-raw': call => when(/SO_BINDTODEVICE|IP_OPTIONS/.test(call.args[2] ?? ''), false, call.args[2]),
  realtime: call => when(/SCHED_(?:FIFO|RR|DEADLINE)/.test(text(call)), true),
  'realtime-io': call => when(text(call).includes('IOPRIO_CLASS_RT'), true, 'IOPRIO_CLASS_RT'),
  negative: call => when(call.args.at(-1)?.startsWith('-') === true, true),
  raise: raisedLimit,
  // socket(7): CAP_NET_RAW does as well since Linux 5.19.
  'high-priority': call => {
    if (call.args[2] !== 'SO_PRIORITY') return null;
    const priority = /^\[(-?\d+)\]/.exec(call.args[3] ?? '')?.[1];
    // Strace could not read it, or was told not to.
    if (priority === undefined) return when(true, false, 'SO_PRIORITY');
    return when(Number(priority) < 0 || Number(priority) > 6, false, `SO_PRIORITY ${call.args[3]}`);
  },
  'packet-tables': call => when(/^(?:IPT|IP6T|ARPT|EBT)_SO_/.test(call.args[2] ?? ''), true, call.args[2]),
  'all-namespaces': call => when(call.args[2] === 'NETLINK_LISTEN_ALL_NSID', true, call.args[2]),
  // genetlink: which commands need it, only the family of the message knows.
  generic: (call, task) => {
    const message = protocolOf(call, task) === 'NETLINK_GENERIC' ? messageOf(call, task) : null;
    return message === null || message === 'nlctrl' ? null : maybe(task, 'NETLINK_GENERIC');
  },
  'audit-group': (call, task) =>
    when(protocolOf(call, task) === 'NETLINK_AUDIT' && joins(call), true, 'a group of NETLINK_AUDIT'),
  'audit-rules': (call, task) => {
    const message = messageOf(call, task);
    if (message === HIDDEN && protocolOf(call, task) === 'NETLINK_AUDIT')
      return maybe(task, 'a message of NETLINK_AUDIT');
    return message !== null && AUDIT_RULES.test(message) ? when(true, true, message) : null;
  },
  // sched(7), setpriority(2), ioprio_set(2), migrate_pages(2), prlimit(2): without it the target must be of the caller's own user.
  'other-process': (call, task, uidOf) => {
    const target = actedOn(call);
    return target === null ? null : foreign(target.pid, target.what, task, uidOf);
  },
  // setns(2): what it is shows in the kind that is asked for, or in the name of what is open (-y).
  'mount-namespace': (call, task) => {
    const kind = `${call.args[1]} ${call.args[0]} ${task.files.get(fdArgument(call.args[0])?.fd ?? -1)?.path}`;
    return when(/CLONE_NEWNS|\/ns\/mnt\b|\bmnt:/.test(kind), true, 'a namespace of mounts');
  },
  lease: (call, task) => (call.args[1] === 'F_SETLEASE' && call.args[2] !== 'F_UNLCK' ? maybe(task, 'a lease') : null),
  // pipe(7): the default of /proc/sys/fs/pipe-max-size.
  'large-pipe': call =>
    when(
      call.args[1] === 'F_SETPIPE_SZ' && Number(call.args[2]) > 1048576,
      false,
      `F_SETPIPE_SZ ${Number(call.args[2])}`,
    ),
  noatime: (call, task) => (/\bO_NOATIME\b/.test(text(call)) ? maybe(task, "O_NOATIME of another's file") : null),
  'by-descriptor': (call, task) => (call.args[4]?.includes('AT_EMPTY_PATH') ? maybe(task, 'AT_EMPTY_PATH') : null),
  alarm: call => when(call.args[0]?.endsWith('_ALARM') === true, true, call.args[0]),
  locked: (call, task) => (call.args[3]?.includes('MAP_LOCKED') ? maybe(task, 'MAP_LOCKED') : null),
  'shm-lock': (call, task) => (/^(?:IPC_64\|)?SHM_LOCK$/.test(call.args[1] ?? '') ? maybe(task, 'SHM_LOCK') : null),
  // sysvipc(7): an object that is found may belong to another user.
  'found-ipc': (call, task) =>
    call.args[0] !== 'IPC_PRIVATE' && !text(call).includes('IPC_CREAT') ? maybe(task, 'an object of IPC') : null,
  'bpf-tracing': call => when(TRACING_PROGRAMS.test(text(call)), true, TRACING_PROGRAMS.exec(text(call))?.[0]),
  'bpf-network': call => when(NETWORK_PROGRAMS.test(text(call)), true, NETWORK_PROGRAMS.exec(text(call))?.[0]),
  'bpf-by-id': call => when(/_BY_ID$|_NEXT_ID$/.test(call.args[0] ?? ''), true, call.args[0]),
  adjust: call => when(!/modes=0[,}]/.test(text(call)), true),
};

/**
 * ioctl(2) requests that need a capability: netdevice(7), net/core/dev_ioctl.c, wext-core.c, ioctl_console(2), ioctl_tty(2), random(4),
 * rtc(4), FIFREEZE, loop(4).
 */
// biome-ignore format: one request a line
const REQUESTS: readonly (readonly [pattern: RegExp, capability: string, certain: boolean])[] = [
  [/^SIOCS(?:IF|IW|ARP)|^SIOC(?:ADDRT|DELRT|DARP|ETHTOOL)$|^TUNSETIFF$/, 'CAP_NET_ADMIN', false],
  [/^SIOC(?:BR(?:ADD|DEL)(?:BR|IF)|BOND(?:ENSLAVE|RELEASE|SETHWADDR|CHANGEACTIVE)|(?:ADD|DEL)MULTI|[GS]MIIREG|GMIIPHY|SHWTSTAMP)$/, 'CAP_NET_ADMIN', false],
  [/^RND(?:ADDTOENTCNT|ADDENTROPY|ZAPENTCNT|CLEARPOOL|RESEEDCRNG)$/, 'CAP_SYS_ADMIN', true],
  [/^(?:VT_(?:ACTIVATE|DISALLOCATE|RESIZE)|KD(?:SETMODE|SKBMODE|SKBENT|SETLED)|TIOCVHANGUP)/, 'CAP_SYS_TTY_CONFIG', false],
  [/^TIOCCONS$|^TIOCSTI$|^FIFREEZE$|^FITHAW$|^FITRIM$|^LOOP_(?:SET|CLR|CTL|CONFIGURE)|^BLK(?:ROSET|RRPART|PG)/, 'CAP_SYS_ADMIN', false],
  [/^RTC_SET_TIME$|^RTC_EPOCH_SET$/, 'CAP_SYS_TIME', true],
  [/^SG_IO$|^FIBMAP$/, 'CAP_SYS_RAWIO', false],
  // ioctl_iflags(2): for FS_IMMUTABLE_FL and FS_APPEND_FL, also to clear them.
  [/_IOC_(?:SETFLAGS|FSSETXATTR)$/, 'CAP_LINUX_IMMUTABLE', false],
  [/^DM_|^BLKFLSBUF$|^TIOCLINUX$|^TIOCSSERIAL$/, 'CAP_SYS_ADMIN', false],
  [/^SIOCGSKNS$/, 'CAP_NET_ADMIN', true],
];

/** Extended attributes by the beginning of their names: xattr(7); security.selinux and similar are their modules' matter. */
const ATTRIBUTES: readonly (readonly [name: RegExp, capability: string, certain: boolean])[] = [
  [/^"trusted\./, 'CAP_SYS_ADMIN', true],
  [/^"security\.capability"/, 'CAP_SETFCAP', true],
  [/^"security\.(?!capability"|selinux"|SMACK|apparmor|ima"|evm")/, 'CAP_SYS_ADMIN', true],
  // Cut by strace (-s) before it says what it is.
  [/^"(?:t|tr|tru|trus|trust|truste|trusted|trusted\.)?"\.\.\./, 'CAP_SYS_ADMIN', false],
  [/^"(?:s|se|sec|secu|secur|securi|securit|security|security\.(?:c|ca|cap\w*)?)?"\.\.\./, 'CAP_SETFCAP', false],
];

/** Files of the kernel that are opened only with a capability: fs/proc/kmsg.c, kernel/printk/printk.c, drivers/char/mem.c, fs/proc/kcore.c, drivers/net/ppp/ppp_generic.c. */
const FILES: readonly (readonly [path: RegExp, capability: string, certain: boolean])[] = [
  [/^"\/proc\/kmsg"$/, 'CAP_SYSLOG', true],
  // To read it, and only where kernel.dmesg_restrict is set.
  [/^"\/dev\/kmsg"$/, 'CAP_SYSLOG', false],
  // Its addresses, which are zero for others where kernel.kptr_restrict is set.
  [/^"\/proc\/kallsyms"$/, 'CAP_SYSLOG', false],
  [/^"\/dev\/ppp"$/, 'CAP_NET_ADMIN', true],
  [/^"\/(?:proc\/kcore|dev\/(?:k?mem|port|cpu\/\d+\/msr))"$/, 'CAP_SYS_RAWIO', true],
];

/** The capabilities of one set of a capset(2). */
function setOf(call: Call, which: 'permitted' | 'inheritable'): string[] {
  const set = new RegExp(`\\b${which}=([^,}]*)`).exec(text(call))?.[1] ?? '';
  return [...new Set(set.match(/CAP_[A-Z_]+/g) ?? [])];
}

/** A set of capset(2) of more names than this: a process that dropped a few of those it found, and will find fewer. */
const FOUND = 20;
const chosen = (names: readonly string[]): readonly string[] => (names.length > FOUND ? [] : names);

/** capset(2) fails unless it may have what it names: it has what it permits, and what becomes inheritable is in the bounding set. */
function named(call: Call): { name: string; judgement: Judgement }[] {
  const [permitted, inheritable] = [setOf(call, 'permitted'), setOf(call, 'inheritable')];
  const judgement = { certain: true, detail: 'named in the call' };
  const found = [...new Set<string>([...chosen(permitted), ...chosen(inheritable)])].map(name => ({ name, judgement }));
  const raised = chosen(inheritable).filter(name => !permitted.includes(name));
  if (raised.length === 0) return found;
  // Only where it had given these up before.
  return [...found, { name: 'CAP_SETPCAP', judgement: { certain: false, detail: `inheritable ${raised.join(' ')}` } }];
}

/** The path that an open(2) names, unless it is opened for writing alone. */
function opened(call: Call): string {
  const path = call.args[call.name === 'open' ? 0 : 1] ?? '';
  return path === '"/dev/kmsg"' && text(call).includes('O_WRONLY') ? '' : path;
}

/** Who a message says it is from, when that is not the truth: unix(7), SCM_CREDENTIALS. */
function sender(call: Call, task: Task): { name: string; judgement: Judgement }[] {
  const said = /SCM_CREDENTIALS\b.*?pid=(\d+), uid=(\d+), gid=(\d+)/.exec(text(call))?.slice(1).map(Number);
  if (said === undefined) return [];
  const [pid = 0, uid = 0, gid = 0] = said;
  const known = task.uid !== null;
  const own = [task.uid, task.realUid, task.savedUid];
  const lies = [
    { name: 'CAP_SYS_ADMIN', holds: pid !== task.pid && pid !== task.tgid, certain: true, detail: `pid ${pid}` },
    { name: 'CAP_SETUID', holds: !own.includes(uid) && (known || uid !== 0), certain: known, detail: `uid ${uid}` },
    { name: 'CAP_SETGID', holds: gid !== 0 && isRoot(task), certain: false, detail: `gid ${gid}` },
  ];
  return lies.flatMap(({ name, holds, certain, detail }) =>
    holds ? [{ name, judgement: { certain, detail: `SCM_CREDENTIALS of ${detail}` } }] : [],
  );
}

/** By the calls that share a table: what is looked up, and where. */
function lookedUp(call: Call): readonly [rows: typeof REQUESTS, what: string] {
  if (call.name === 'ioctl') return [REQUESTS, call.args[1] ?? ''];
  if (call.name.includes('xattr')) return [ATTRIBUTES, call.args[call.name.endsWith('at') ? 3 : 1] ?? ''];
  return [FILES, opened(call)];
}

/** Capabilities that a call may need by its arguments. */
function byArguments(call: Call, task: Task): { name: string; judgement: Judgement }[] {
  if (call.name === 'capset') return named(call);
  if (call.name === 'sendmsg') return sender(call, task);
  const [rows, what] = lookedUp(call);
  return rows
    .filter(([pattern]) => pattern.test(what))
    .flatMap(([, name, certain]) => {
      const judgement = certain ? { certain, detail: what } : maybe(task, what);
      return judgement === null ? [] : [{ name, judgement }];
    });
}

function judge(need: Need, call: Call, task: Task, uidOf: UidOf): { name: string; judgement: Judgement } | null {
  const [name = '', condition] = need.split(' if ');
  const judgement =
    condition === undefined ? { certain: true } : (rowOf(JUDGES, condition)?.(call, task, uidOf) ?? null);
  return judgement === null ? null : { name, judgement };
}

/** prctl(2) options that need a capability. */
const PRCTL: Readonly<Record<string, string>> = {
  PR_CAPBSET_DROP: 'CAP_SETPCAP',
  PR_SET_SECUREBITS: 'CAP_SETPCAP',
  PR_SET_MM: 'CAP_SYS_RESOURCE',
};

/** Namespaces other than user need CAP_SYS_ADMIN, unless a user namespace is made in the same call. */
const namespaceNeed = (call: Call): boolean => {
  const text = call.args.join(' ');
  return /CLONE_NEW(?!USER)/.test(text) && !text.includes('CLONE_NEWUSER');
};

/** What a row without needs tells may still mean one. */
const mayNeed = ({ tells }: Row, call: Call): boolean =>
  call.name === 'prctl' || tells?.includes('namespace') === true || tells?.includes('signal') === true;

const NONE: readonly CapabilityAccess[] = [];

/** The capabilities a call needed; empty when it failed for another reason than a missing one. */
export function privileges(row: Row, call: Call, task: Task, uidOf: UidOf): readonly CapabilityAccess[] {
  const { errno } = call.result;
  if (row.needs === undefined && !mayNeed(row, call)) return NONE;
  if (errno !== undefined && errno !== 'EPERM' && errno !== 'EACCES') return NONE;
  const found: CapabilityAccess[] = [];
  const add = (name: string, { certain, detail }: Judgement): void => {
    found.push({
      kind: 'capability',
      name,
      syscall: call.name,
      certain,
      ...(detail === undefined ? {} : { detail }),
      ...(errno === undefined ? {} : { errno }),
    });
  };
  for (const need of row.needs ?? []) {
    if (need.startsWith('CAP_* ')) for (const { name, judgement } of byArguments(call, task)) add(name, judgement);
    const judged = judge(need, call, task, uidOf);
    if (judged !== null) add(judged.name, judged.judgement);
  }
  if (call.name === 'prctl') {
    const name = rowOf(PRCTL, call.args[0] ?? '');
    if (name !== undefined) add(name, { certain: true, detail: call.args[0] ?? '' });
    // PR_CAP_AMBIENT_RAISE fails for what the process has not got.
    const raised = call.args[1]?.startsWith('PR_CAP_AMBIENT_RAISE') ? call.args[2] : undefined;
    if (raised !== undefined && /^CAP_\w+$/.test(raised)) add(raised, { certain: true, detail: 'made ambient' });
  }
  if (row.tells?.includes('namespace') && call.name !== 'setns' && namespaceNeed(call))
    add('CAP_SYS_ADMIN', { certain: true });
  if (row.tells?.includes('signal')) {
    const judged = signalNeed(call, task, uidOf);
    if (judged !== null) add('CAP_KILL', judged);
  }
  return found;
}

/** Acting on a process (`-1`: on several) without a capability: its user must be the caller's own. */
function foreign(pid: number, what: string, task: Task, uidOf: UidOf): Judgement | null {
  if (pid === 0 || pid === task.pid || pid === task.tgid || !isRoot(task)) return null;
  const target = pid === -1 ? null : uidOf(Math.abs(pid));
  if (target !== null && target === task.uid) return null;
  if (target !== null && task.uid === 0) return { certain: pid > 0, detail: `a process of uid ${target}` };
  return { certain: false, detail: pid < 0 ? what : `${what} whose user is unknown` };
}

/** kill(2): without CAP_KILL the sender's uid must be the target's. A group may hold processes of other users. */
function signalNeed(call: Call, task: Task, uidOf: UidOf): Judgement | null {
  if (call.name === 'pidfd_send_signal') return maybe(task, 'a process whose user is unknown');
  const pid = Number(/^-?\d+/.exec(call.args[0] ?? '')?.[0]);
  return Number.isNaN(pid) ? null : foreign(pid, pid < 0 ? 'a group of processes' : 'a process', task, uidOf);
}
