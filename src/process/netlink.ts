// What a process says to the kernel over netlink(7): the socket's protocol, and the kind of a message, which decide about capabilities.

import { rowOf } from '../row.ts';
import { fdArgument } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import { isNumber, spelled } from './constants/set.ts';
import { SETS, type SetName } from './constants/sets.ts';
import type { Task } from './state.ts';

/** The protocol of a socket that this process made: `NETLINK_AUDIT`. */
export function protocolOf(call: Call, task: Task): string | undefined {
  const fd = fdArgument(call.args[0])?.fd;
  return fd === undefined ? undefined : task.files.get(fd)?.socket?.protocol;
}

/** The sets of messages, by the protocol of the socket they are sent to: strace does not always know it, and -X raw shows numbers. */
const MESSAGES: Readonly<Record<string, SetName>> = {
  NETLINK_AUDIT: 'audit-message',
  NETLINK_GENERIC: 'generic-message',
  NETLINK_ROUTE: 'route-message',
};

/** Of a message that the log does not show (-s 0). */
export const HIDDEN = '?';

/** `nlmsg_type=`; until strace 5.12 `{len=32, type=`. */
const KIND = /(?:\bnlmsg_|\{len=\d+, )type=(\w+)/;
const CUT = /^\.\.\.$|\bmsg_iov=\[\.\.\.\]/;

/** What kind of message a call sends to the kernel: `RTM_NEWLINK`, `nlctrl`; null: none. */
export function messageOf(call: Call, task: Task): string | null {
  const kind = KIND.exec(call.args.join(' '))?.[1];
  if (kind === undefined) return CUT.test(call.args[1] ?? '') ? HIDDEN : null;
  if (!isNumber(kind)) return kind;
  const set = rowOf(MESSAGES, protocolOf(call, task) ?? 'NETLINK_ROUTE');
  return set === undefined ? kind : spelled(kind, SETS[set]);
}
