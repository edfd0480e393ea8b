// Lines of logs that are not strace's → events: auditd's log, ausearch, dmesg, syslog, journalctl (short and -o json), strace -c.
// Sources: auditd.conf(5), ausearch(8), dmesg(1), journalctl(1), systemd.journal-fields(7), systemd-journald.service(8) (Audit=).

import { isRecord } from '../json.ts';
import type { AuditEvent } from './events.ts';
import { fieldText } from './journal-field.ts';
import { readRecord } from './record.ts';
import { readUnitMessage } from './unit-message.ts';

/** What one line is: an event, a line of such a log that tells nothing here, a record that could not be read, or something else. */
export type Reading = AuditEvent | 'idle' | 'unread' | 'foreign';

const STAMP = String.raw`(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?|(?:[A-Z][a-z]{2} )?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?(?: [A-Z]+)?|\d{10}\.\d{6}|\[ *\d+\.\d{6}\])`;
/** syslog, journalctl -o short: the tag says who wrote it; only the kernel has no pid. */
const SYSLOG = new RegExp(
  String.raw`^(?:<\d+>)?${STAMP} \S+ (?<tag>\([^\s[]+\)|[^\s:[]+)(?<pid>\[\d+\])?: (?<text>.*)$`,
);
/** dmesg, also with -T, -x and -r. */
const DMESG =
  /^(?:<\d+>|[a-z]+ *:[a-z]+ *: ?)?\[ *(?:\d+\.\d+|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]{8} \d{4})\] (?<text>.*)$/;
/** auditd and ausearch, which puts a line between events. */
const AUDITD = /^(?:node=\S+ )?type=\S+ msg=audit\(/;
const AUSEARCH = /^(?:----|time->.*)$/;
const HEADING = /^% time +seconds +usecs\/call +calls +(?:errors +)?syscall$/;
const ROW = /^ *\d+\.\d+ +\d+\.\d+ +\d+ +(?<calls>\d+)(?: +\d+)? +(?<name>[a-z_]\w*)$/;
const RULE = /^-[- ]+$|^ *100\.00 .* total$/;
const SUPPRESSED = /^(?:audit: )?(?:kauditd_printk_skb: (\d+) callbacks suppressed|audit_lost=(\d+) )/;

/** Anything that a SECCOMP record cannot be without. */
const SECCOMP = /\btype=(?:1326|SECCOMP)\b|^SECCOMP /;

/** A message of the kernel, or of auditd's, without what carries it. */
function recordIn(text: string, source: 'audit log' | 'kernel log' | 'journal', id?: string): Reading {
  const lost = SUPPRESSED.exec(text);
  if (lost !== null) return { kind: 'lost', count: Number(lost[1] ?? lost[2]) };
  return readRecord(text, source, id) ?? (SECCOMP.test(text) ? 'unread' : 'idle');
}

const seconds = (microseconds: unknown): number | undefined =>
  typeof microseconds === 'string' && /^\d{1,17}$/.test(microseconds) ? Number(microseconds) / 1e6 : undefined;

/** Fields that begin with `_` are the journal's own, so that nobody else can write them. */
function readEntry(entry: Readonly<Record<string, unknown>>): Reading {
  const message = fieldText(entry.MESSAGE, 'latin1');
  const time = seconds(entry._SOURCE_REALTIME_TIMESTAMP ?? entry.__REALTIME_TIMESTAMP);
  if (entry._TRANSPORT === 'kernel') return recordIn(message, 'kernel log');
  if (entry._TRANSPORT === 'audit')
    return recordIn(
      message,
      'journal',
      time === undefined ? '' : `${time.toFixed(3)}:${fieldText(entry._AUDIT_ID, 'latin1')}`,
    );
  // systemd itself, or the process that is to become the service and speaks of nothing but its own unit.
  const [unit, own] =
    entry.USER_UNIT === undefined ? [entry.UNIT, entry._SYSTEMD_UNIT] : [entry.USER_UNIT, entry._SYSTEMD_USER_UNIT];
  const isManager = own === 'init.scope' && (entry._PID === '1' || entry.USER_UNIT !== undefined);
  // Of a process that was gone when the journal looked, it knows only the user.
  const isGone = own === undefined && entry._UID === '0';
  if (typeof unit !== 'string' || !(isManager || isGone || own === unit)) return 'idle';
  const event = readUnitMessage(message, time);
  return event === null || event.unit !== unit ? 'idle' : event;
}

/** Reads one line (latin-1 or UTF-8: only names may hold more than ASCII). */
export function readAuditLine(line: string): Reading {
  if (line.startsWith('{"')) {
    try {
      const entry: unknown = JSON.parse(line);
      return isRecord(entry) && '__REALTIME_TIMESTAMP' in entry ? readEntry(entry) : 'foreign';
    } catch {
      return 'foreign';
    }
  }
  if (AUDITD.test(line)) return recordIn(line, 'audit log');
  const dmesg = DMESG.exec(line)?.groups?.text;
  const { tag, pid, text = '' } = SYSLOG.exec(line)?.groups ?? {};
  if (tag === 'kernel' && pid === undefined) return recordIn(text.replace(/^\[ *\d+\.\d+\] /, ''), 'kernel log');
  if (tag === 'audit') return recordIn(text, 'journal');
  if (tag === 'audispd' || tag === 'audisp-syslog') return recordIn(text, 'audit log');
  if (tag === 'systemd' || tag?.startsWith('(') === true) return readUnitMessage(text) ?? 'idle';
  if (tag !== undefined) return 'idle';
  if (dmesg !== undefined) return recordIn(dmesg, 'kernel log');
  if (/^(?:audit: )?type=\d+ audit\(/.test(line)) return recordIn(line, 'kernel log');
  const { calls, name } = ROW.exec(line)?.groups ?? {};
  if (name !== undefined && name !== 'total') return { kind: 'count', name, calls: Number(calls) };
  return AUSEARCH.test(line) || HEADING.test(line) || RULE.test(line) ? 'idle' : 'foreign';
}

/** A call, or half of one, as strace writes it, whatever carries it. */
const CALL = /(?:^|[\s\]|:>"])[a-z_][a-z0-9_]*\(.*(?: = |<unfinished)|<\.\.\. \w+ resumed/;

/** Is a text, of which this is the beginning, such a log rather than one of strace? Lines that hold calls of strace's speak against it. */
export function isAuditLog(beginning: string): boolean {
  const lines = beginning.split('\n').filter(line => line !== '');
  let own = 0;
  for (const line of lines) {
    if (CALL.test(line)) own--;
    else if (readAuditLine(line) !== 'foreign') own++;
  }
  return own > 0 && own * 2 > lines.length;
}
