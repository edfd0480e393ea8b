// What a user should do with a proposal now: install it, learn more first, or decide what no evidence can decide. Pure.

import type { Policy } from '../policy.ts';
import { type Outline, restricts } from '../sandbox/outline.ts';
import type { Completeness } from './completeness.ts';
import type { Situation } from './situations.ts';

export interface Decision {
  question: string;
  /** Two or three. */
  choices: readonly string[];
}

export interface Advice {
  answer: 'install' | 'learn' | 'decide';
  /** Why, in one sentence. */
  because: string;
  /** What was not observed, and how to bring it about. */
  situations: { situation: Situation; how: string }[];
  /** Open questions: with `install` there are none. */
  decisions: Decision[];
}

// biome-ignore format: a table
const HOW: Readonly<Record<Situation, string>> = {
  'a reload':                'run systemctl reload while allowtrace records',
  'a stop':                  'run systemctl stop, then start, while allowtrace records',
  'a start as after a boot': 'learn with allowtrace service start, which empties what the service left in /run',
  'a restart':               'record a second run: restart the service, or merge the profile of another run',
  'midnight':                'keep recording past midnight: logs rotate and timers run then',
  'a log rotation':          'run `logrotate --force /etc/logrotate.d/NAME` while recording: the log files are then opened anew',
  'a failing upstream':      'stop a server that it connects to while recording, and start it again',
  'a Sunday':                'keep recording over a Sunday: weekly jobs run then',
};

/** For questions whose own text says what helps. */
const EITHER: readonly string[] = ['Do what it says, then install.', 'Install the proposal on trial and watch for it.'];

const decisionsOf = ({ notes, rejected = [] }: Policy): Decision[] => [
  ...rejected.map(({ name, value, outcome }) => ({
    question: `${name}=${value} of the unit denies what was observed (${outcome}), and no drop-in can change that.`,
    choices: ['Remove the line from the unit, then propose again.', 'Keep the line, and do without the proposal.'],
  })),
  ...notes.filter(({ kind }) => kind === 'open').map(({ text, choices = EITHER }) => ({ question: text, choices })),
];

/** Why the evidence does not bear an installation; null: it does. */
function lacking({ incomplete }: Policy, { leftOut, situations }: Completeness, outline: Outline): string | null {
  const [gap] = incomplete;
  if (gap !== undefined) return `The evidence is incomplete: ${gap}.`;
  if (!restricts(outline)) return 'The proposal restricts nothing.';
  if (leftOut !== null && leftOut.denied > 0)
    return `Learned from all parts of the evidence but one, the proposal would have denied the service something in ${leftOut.denied} of ${leftOut.cases} cases.`;
  if (situations.length > 0) return 'The service may behave differently in situations that were not observed.';
  return leftOut === null ? 'Too little was observed to tell whether the proposal is complete.' : null;
}

/** `outline`: what the proposal, on top of the unit, leaves the service. */
export function adviceOn(policy: Policy, known: Completeness, outline: Outline): Advice {
  const decisions = decisionsOf(policy);
  const situations = known.situations.map(situation => ({ situation, how: HOW[situation] }));
  const rejected = policy.rejected !== undefined && policy.rejected.length > 0;
  const doubt = rejected ? null : lacking(policy, known, outline);
  if (doubt !== null) return { answer: 'learn', because: doubt, situations, decisions };
  if (decisions.length > 0)
    return { answer: 'decide', because: 'The evidence cannot answer these questions.', situations, decisions };
  return {
    answer: 'install',
    because: 'The proposal allows everything observed, and no part of the evidence is surprised by the others.',
    situations,
    decisions,
  };
}
