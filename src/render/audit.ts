// Every service of a host at a glance, for a terminal.

import type { LeftOut } from '../policy/propose/leave-one-out.ts';
import { counted } from './number.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/**
 * What confines a unit. `none`: no line of it denies anything · `own`: its own lines · `allowtrace`: a drop-in of allowtrace is installed · `trial`:
 * one is tried · `unknown`: its lines cannot be read.
 */
export type Confinement = 'none' | 'own' | 'allowtrace' | 'trial' | 'unknown';

export interface AuditedUnit {
  unit: string;
  active: string;
  /** As systemd-analyze security scores it: 0 to 10, and its word for it. */
  exposure: number;
  level: string;
  sandbox: Confinement;
  learning: boolean;
  /** Of what was learned; null: nothing was, or it cannot be read. */
  learned: { runs: number; facts: number } | null;
  /** Each part of what was learned left out in turn: null where there is too little for it, or no time was left. */
  leftOut: LeftOut | null;
  /** Learned accesses that the drop-in of allowtrace denies; null: none is installed, nothing was learned, or no time was left. */
  drift: number | null;
  /** Denials that the journal tells since it was installed; null: none is installed, or the journal cannot be read. */
  denials: number | null;
  /** What was not looked at for want of time. */
  skipped: ('leftOut' | 'drift')[];
}

export interface Audit {
  format: 'allowtrace-audit';
  version: 1;
  host: string;
  /** Version of systemd. */
  systemd: number;
  units: AuditedUnit[];
}

/** The cells of a row; `?`: not known, `–`: does not apply. */
export interface AuditRow {
  name: string;
  exposure: string;
  sandbox: string;
  learned: string;
  sure: string;
  drift: string;
  denied: string;
}

const NONE = '–';

function sureOf({ learned, leftOut, skipped }: AuditedUnit): string {
  if (leftOut !== null) return `${leftOut.cases - leftOut.denied}/${leftOut.cases}`;
  return learned !== null || skipped.includes('leftOut') ? '?' : NONE;
}

const confined = ({ sandbox }: AuditedUnit): boolean => sandbox === 'allowtrace' || sandbox === 'trial';

export function auditRow(unit: AuditedUnit): AuditRow {
  const { learned, learning, drift, denials, skipped } = unit;
  const known = (count: number | null, applies: boolean): string =>
    count === null ? (applies ? '?' : NONE) : `${count}`;
  return {
    name: unit.unit.replace(/\.service$/, ''),
    exposure: `${unit.exposure.toFixed(1)} ${unit.level}`,
    sandbox: unit.sandbox,
    learned: learning ? 'now' : learned === null ? 'no' : counted(learned.runs, 'run'),
    sure: sureOf(unit),
    drift: known(drift, skipped.includes('drift')),
    denied: known(denials, confined(unit)),
  };
}

/** What a number in the columns means, and what was left out. */
export function auditNotes({ units }: Audit): string[] {
  const rows = units.map(auditRow);
  const late = units.filter(({ skipped }) => skipped.length > 0).length;
  return [
    ...(rows.some(({ sure }) => sure.includes('/'))
      ? ['sure: so many parts of what was learned were allowed by a proposal that is made of the others']
      : []),
    ...(units.some(({ drift }) => drift !== null && drift > 0)
      ? ['drift: learned accesses that the installed drop-in denies; allowtrace check UNIT -- PROFILE lists them']
      : []),
    ...(units.some(({ denials }) => denials !== null && denials > 0)
      ? ['denied: allowtrace service denials UNIT lists them']
      : []),
    ...(late === 0
      ? []
      : [`no time was left to look at ${counted(late, 'profile')} (?): allowtrace service status UNIT`]),
  ];
}

const HEAD: AuditRow = {
  name: 'UNIT',
  exposure: 'EXPOSURE',
  sandbox: 'SANDBOX',
  learned: 'LEARNED',
  sure: 'SURE',
  drift: 'DRIFT',
  denied: 'DENIED',
};
const COLUMNS = ['name', 'exposure', 'sandbox', 'learned', 'sure', 'drift', 'denied'] as const;
const GAP = 2;
const NARROWEST = 12;

/** The table; a name that does not fit into `width` columns is cut. */
export function auditTable(audit: Audit, style: Style, width: number): string {
  const rows = [HEAD, ...audit.units.map(auditRow)];
  const widths = COLUMNS.map(column => Math.max(...rows.map(row => printable(row[column]).length)));
  const others = widths.slice(1).reduce((sum, one) => sum + one + GAP, 0);
  const room = Math.max(NARROWEST, Math.min(widths[0] ?? 0, width - others));
  const cell = (text: string, i: number): string => {
    const safe = printable(text);
    if (i > 0) return safe.padEnd(widths[i] ?? 0);
    return (safe.length > room ? `${safe.slice(0, room - 1)}…` : safe).padEnd(room);
  };
  const lines = rows.map((row, n) => {
    const line = COLUMNS.map((column, i) => cell(row[column], i))
      .join(' '.repeat(GAP))
      .trimEnd();
    const unit = audit.units[n - 1];
    if (unit === undefined) return style.bold(line);
    if (unit.active !== 'active') return style.dim(line);
    return (unit.drift ?? 0) + (unit.denials ?? 0) > 0 ? style.red(line) : line;
  });
  const confining = audit.units.filter(({ sandbox }) => sandbox !== 'none' && sandbox !== 'unknown').length;
  const learned = audit.units.filter(unit => unit.learned !== null).length;
  return [
    ...lines,
    '',
    `${counted(audit.units.length, 'service')}: ${confining} with a sandbox, ${learned} learned`,
    ...auditNotes(audit),
    '',
  ].join('\n');
}
