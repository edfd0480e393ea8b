// Which capability a successful call needed: the `needs` words of syscalls.ts with their conditions.
// `certain` means the call would have failed without it; otherwise the log does not show what would decide.
// Sources: capabilities(7) and the section 2 page of each call. Ownership of files is not known here (see policy/).

import { socketAddress } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import type { CapabilityAccess } from './access.ts';
import type { Task } from './state.ts';
import type { Need, SyscallRow } from './syscalls.ts';

interface Judgement {
  certain: boolean;
  detail?: string;
}

const numbers = (call: Call): number[] =>
  call.args.map(Number).filter(n => Number.isInteger(n) && n !== -1 && n !== 0xffffffff);

/** ids: one that the process has not already. Unknown credentials: anything but root's 0 is a change. */
function otherId(call: Call, own: number | null): Judgement | null {
  const foreign = numbers(call).filter(id => id !== own);
  const [id] = foreign;
  if (id === undefined) return null;
  return { certain: own !== null || id !== 0, detail: `id ${id}` };
}

function otherOwner(call: Call, task: Task): Judgement | null {
  const ids = call.args.filter(raw => /^-?\d+$/.test(raw)).slice(-2);
  const named = call.name.startsWith('fchownat') ? call.args.slice(2, 4) : call.args.slice(1, 3);
  const given = (named.length === 2 ? named : ids).map(Number).filter(id => id !== -1 && id !== 0xffffffff);
  const [id] = given;
  if (id === undefined) return null;
  return { certain: task.uid !== null && given.some(one => one !== task.uid), detail: `to ${given.join(':')}` };
}

const WORD_JUDGES: Readonly<Record<string, (call: Call, task: Task) => Judgement | null>> = {
  maybe: () => ({ certain: false }),
  device: call => (/S_IF(?:CHR|BLK)/.test(call.args.join(' ')) ? { certain: true } : null),
  'other-owner': otherOwner,
  'other-uid': (call, task) => otherId(call, call.name.includes('uid') ? task.uid : task.uid === 0 ? 0 : null),
  'low-port': call => {
    const port = socketAddress(call.args[1])?.port;
    return port !== undefined && port > 0 && port < 1024 ? { certain: true, detail: `port ${port}` } : null;
  },
  raw: call => {
    const [family = '', type = ''] = call.args;
    const raw = family === 'AF_PACKET' || (type.includes('SOCK_RAW') && family !== 'AF_NETLINK');
    return raw ? { certain: true, detail: `${family} ${type}` } : null;
  },
  'sockopt-admin': call =>
    /FORCE|SO_MARK|SO_DEBUG|TRANSPARENT|TCP_REPAIR/.test(call.args[2] ?? '')
      ? { certain: true, detail: call.args[2] ?? '' }
      : null,
  'sockopt-raw': call =>
    /SO_BINDTODEVICE|IP_OPTIONS/.test(call.args[2] ?? '') ? { certain: false, detail: call.args[2] ?? '' } : null,
  realtime: call => (/SCHED_(?:FIFO|RR|DEADLINE)/.test(call.args.join(' ')) ? { certain: true } : null),
  negative: call => (call.args.at(-1)?.startsWith('-') ? { certain: true } : null),
  raise: call =>
    call.args[2] === 'NULL' || call.args[2] === undefined ? null : { certain: false, detail: call.args[1] ?? '' },
  adjust: call => (/modes=0[,}]/.test(call.args.join(' ')) ? null : { certain: true }),
};

function judge(need: Need, call: Call, task: Task): { name: string; judgement: Judgement } | null {
  const [name = '', condition] = need.split(' if ');
  const judgement = condition === undefined ? { certain: true } : (WORD_JUDGES[condition]?.(call, task) ?? null);
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

/** The capabilities a call needed; empty when it failed for another reason than a missing one. */
export function privileges(
  row: SyscallRow,
  call: Call,
  task: Task,
  targetUid: (pid: number) => number | null,
): CapabilityAccess[] {
  const { errno } = call.result;
  if (errno !== undefined && errno !== 'EPERM' && errno !== 'EACCES') return [];
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
    const judged = judge(need, call, task);
    if (judged !== null) add(judged.name, judged.judgement);
  }
  if (call.name === 'prctl') {
    const name = PRCTL[call.args[0] ?? ''];
    if (name !== undefined) add(name, { certain: true, detail: call.args[0] ?? '' });
  }
  if (row.tells?.includes('namespace') && call.name !== 'setns' && namespaceNeed(call))
    add('CAP_SYS_ADMIN', { certain: true });
  if (row.tells?.includes('signal')) {
    const judged = signalNeed(call, task, targetUid);
    if (judged !== null) add('CAP_KILL', judged);
  }
  return found;
}

/** kill(2): without CAP_KILL the sender's uid must be the target's. */
function signalNeed(call: Call, task: Task, targetUid: (pid: number) => number | null): Judgement | null {
  const pid = Number(/^-?\d+/.exec(call.args[0] ?? '')?.[0]);
  if (!(pid > 0) || pid === task.pid || pid === task.tgid || call.name === 'pidfd_send_signal') return null;
  const target = targetUid(pid);
  if (target !== null && target === task.uid) return null;
  if (target !== null && task.uid !== null) return { certain: true, detail: `process of uid ${target}` };
  return task.uid === null || task.uid === 0 ? { certain: false, detail: 'a process whose user is unknown' } : null;
}
