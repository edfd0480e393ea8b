// One record of the kernel's audit: `type=1326 audit(1796050929.298:53180): auid=… comm="uname" exe="/usr/bin/uname" sig=31 …`, as the kernel,
// auditd, `ausearch -i` and journald write it. The names in it are chosen by whoever was denied: fields that stand before or behind them are
// taken from there only. Sources: kernel/auditsc.c (audit_log_task, audit_seccomp), kernel/audit.c (audit_log_untrustedstring: a name with a
// space, a quote or a control character is written in hexadecimal), include/uapi/linux/seccomp.h, auparse/interpret.c, journald-audit.c.

import type { OtherDenial, SeccompEvent, Source } from './events.ts';
import { callOf, type Machine, machineOf } from './machines.ts';

/** What stands before the fields, in all forms: the type, and the time and serial number of the event. */
const HEADS: readonly RegExp[] = [
  // The kernel's log.
  /^(?:audit: )?type=(?<type>\d+) audit\((?<at>[^)]*)\): /,
  // auditd and ausearch; -i puts a space before the colon.
  /^(?:node=\S+ )?type=(?<type>[A-Z_]+|UNKNOWN\[\d+\]) msg=audit\((?<at>[^)]*)\) ?: /,
  // The journal, from its own socket for audit.
  /^(?<type>[A-Z_]{3,}) (?=auid=|apparmor=|avc: )/,
];

const SECCOMP = ['1326', 'SECCOMP'];
const AVC = ['1400', 'AVC', 'APPARMOR_DENIED', '1503'];

/** A name in quotes or hexadecimal; of `ausearch -i`, as it is. */
const NAME = String.raw`"[^"]*"|\S+`;
const FIELDS = new RegExp(
  String.raw`^auid=\S+ uid=\S+ gid=\S+ ses=\S+(?: subj=.*?)? pid=(?<pid>\d+) comm=(?<comm>${NAME}|.{1,15}?)(?: exe=(?<exe>${NAME}))?(?: reason="seccomp")? sig=\S+ (?:arch=(?<arch>\S+) )?syscall=(?<call>\S+) compat=(?<compat>\d) ip=\S+ code=(?<code>[^\s\x1d]+)(?<enriched>(?:\x1d| ?ARCH=).*)?$`,
);

/** The actions of a filter (linux/seccomp.h); `ausearch -i` has them in words. */
function outcomeOf(code: string): SeccompEvent['outcome'] {
  const action = /^0x[0-9a-f]+$/.test(code) ? Number(code) - (Number(code) & 0xffff) : code;
  switch (action) {
    case 0:
    case 0x80000000:
    case 0x30000:
    case 'kill':
    case 'kill-thread':
    case 'kill-process':
    case 'trap':
      return 'killed';
    case 0x7ffc0000:
    case 'log':
      return 'logged';
    default:
      return 'failed';
  }
}

/** `"uname"`, or the hexadecimal of a name that needs it. */
function nameIn(written: string, interpreted: boolean): string {
  if (written.startsWith('"')) return written.slice(1, -1);
  if (interpreted || !/^(?:[0-9A-F]{2})+$/.test(written)) return written;
  return Buffer.from(written, 'hex').toString('latin1');
}

function nameOf(call: string, machine: Machine | undefined): { name: string | null; x32: boolean } {
  // `ausearch -i` names those that its library knows.
  if (/^[a-z_]\w*$/.test(call)) return { name: call, x32: false };
  const number = Number(/\d+/.exec(call)?.[0]);
  return (machine === undefined ? null : callOf(machine, number)) ?? { name: null, x32: false };
}

/** What of a record is taken: a seccomp event, a denial of others; null: nothing. `text`: from the type on. */
export function readRecord(text: string, source: Source, id?: string): SeccompEvent | OtherDenial | null {
  const head = HEADS.map(pattern => pattern.exec(text)).find(found => found !== null);
  const { type = '', at = id ?? '' } = head?.groups ?? {};
  const fields = text.slice(head?.[0].length ?? 0);
  if (AVC.includes(type)) return denialOf(fields);
  if (head === undefined || !SECCOMP.includes(type)) return null;
  const found = FIELDS.exec(fields)?.groups;
  if (found === undefined) return null;
  const { pid = '', comm = '', exe, arch, call = '', compat, code = '', enriched } = found;
  const machine = arch === undefined ? undefined : machineOf(arch);
  const interpreted = machine !== undefined && arch !== undefined && !/^[0-9a-f]{1,8}$/.test(arch);
  // Interpreted records are not enriched: there, a name has put something behind its fields.
  if (interpreted && enriched !== undefined) return null;
  const { name, x32 } = nameOf(call, machine);
  const time = /^(\d{1,12}\.\d{3}):\d+$/.exec(at)?.[1];
  return {
    kind: 'seccomp',
    source,
    name,
    number: call,
    ...(x32 ? { abi: 'x32' } : compat === '1' ? { abi: 'i386' } : {}),
    outcome: outcomeOf(code),
    exe: exe === undefined || exe === '(null)' ? null : nameIn(exe, interpreted),
    comm: nameIn(comm, interpreted),
    pid: Number(pid),
    ...(time === undefined ? {} : { time: Number(time) }),
    id: at,
  };
}

function denialOf(fields: string): OtherDenial | null {
  const found = /^(?:(apparmor=(?:"DENIED"|DENIED))|avc:\s+denied) /.exec(fields);
  return found === null ? null : { kind: 'other-denial', module: found[1] === undefined ? 'SELinux' : 'AppArmor' };
}
