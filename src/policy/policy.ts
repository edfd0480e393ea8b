// The policy: what may be allowed, as plain data: directives with their evidence, and the stricter values that were withheld.
// Types only; `derive` makes policies, `render` prints them, `check` asks them.

import type { Access, Origin } from '../process/access.ts';

/** One reason: an observed access (without its evidence) and where it was first seen. */
export interface Reason {
  access: Access;
  origin: Origin;
  count: number;
}

/** One line of the drop-in. A list directive has one Directive per line that is printed. */
export interface Directive {
  section: 'Service' | 'Unit' | 'Socket';
  /** As in systemd.exec(5). */
  name: string;
  /** The value as it stands in the unit file: quoted and escaped already. */
  value: string;
  /** One line for the reader: what it is for and what it was derived from. */
  because: string;
  /** The accesses it was derived from (at most a few; `seen` counts all). */
  evidence: Reason[];
  seen: number;
  /** Where the rule is broader than what was observed, or rests on an inference: said in one sentence. */
  wider?: string;
  /** The same in one short line, for the drop-in that is read at a glance; absent: `wider` is short enough. */
  brief?: string;
}

/** How much was observed. `seconds`: of all runs; absent: the logs have no time stamps. */
export interface Basis {
  runs: number;
  hosts: number;
  seconds?: number;
}

/** A stricter value that was NOT proposed, and the access that forbade it. */
export interface Withheld {
  name: string;
  value: string;
  because: string;
  evidence: Reason[];
}

/** A proposal: `directives` in the order they are printed. */
export interface Policy {
  format: 'allowtrace-policy';
  version: 1;
  target: {
    /** systemd version the policy is written for. */
    systemd: number;
    paths: PathStrategy[];
    /** Trees that `tmpfs` empties instead of the root. */
    empty?: string[];
    syscalls: CallStrategy;
    /** Calls outside the list are logged, not refused. */
    trial?: true;
    /** Peers are restricted to the addresses that were seen. */
    addresses?: true;
    /** The service is started as the user that it becomes: an assumption. */
    asUser?: true;
    /** For those who ship the unit. */
    upstream?: true;
    /** Nothing was learned: these are directives that break almost nothing. */
    base?: true;
    unit?: string;
  };
  basis: Basis;
  /** Why the evidence is incomplete, so that whatever rests on it is withheld; empty where it is not. */
  incomplete: string[];
  directives: Directive[];
  withheld: Withheld[];
  /** What the user has to know or decide: open questions, folded names, blind spots, directives the target version does not know. */
  notes: Note[];
  /** Lines of the unit itself that deny what was observed, where no line of a drop-in helps: such a proposal is for nobody to install. */
  rejected?: Rejected[];
}

export interface Rejected {
  name: string;
  value: string;
  /** What the service would get: an errno, `SIGSYS`, or `226/NAMESPACE` when it would not start. */
  outcome: string;
  evidence: Reason[];
}

/**
 * `assumption`: allowed on an inference · `open`: a question only the user can answer · `hint`: a stricter sandbox that needs a change
 * of the unit · `warning`: what the whole proposal depends on, said first · `blind`: what the log cannot show · `folded`: names treated as one · `version`: left out for the target's systemd.
 */
export interface Note {
  kind: 'warning' | 'assumption' | 'open' | 'hint' | 'blind' | 'folded' | 'version';
  text: string;
  /** Of an open question: what the user can do about it, the easiest first. */
  choices?: readonly string[];
  evidence?: Reason[];
}

/**
 * `equal`: the calls that were seen, and those that do the same with no more power · `exact`: those that were seen · `groups`: as `equal`, and
 * whole @sets where at least half of a set was seen.
 */
export type CallStrategy = 'equal' | 'exact' | 'groups';

/** `strict`: ProtectSystem=strict and what may be written · `tmpfs`: an empty root with binds · `exec`: NoExecPaths= and what may be executed. */
export type PathStrategy = 'strict' | 'tmpfs' | 'exec';
