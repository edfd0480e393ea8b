// What a profile rests on, in a few lines for stderr: how much was read, what was not understood, what could not be seen.

import type { Profile } from '../profile/profile.ts';
import { counted } from './number.ts';
import { printable } from './printable.ts';

const SAMPLES = 3;

/** One line of totals, then one line for each thing the user should know. */
export function summary(profile: Profile): string {
  const { runs, facts, unrecognised, overflow } = profile;
  const calls = new Set<string>();
  let paths = 0;
  let last = '';
  for (const fact of facts) {
    if (fact.kind === 'syscall') calls.add(fact.name);
    // Facts are sorted: those about one path stand together.
    if (fact.kind !== 'path' || fact.path === last) continue;
    paths++;
    last = fact.path;
  }
  const lines = runs.reduce((sum, run) => sum + run.lines, 0);
  const processes = runs.reduce((sum, run) => sum + run.processes, 0);
  const totals = [
    runs.length > 1 ? counted(runs.length, 'run') : '',
    counted(lines, 'line'),
    counted(processes, 'process', 'processes'),
    counted(calls.size, 'system call'),
    counted(paths, 'path'),
  ];
  const text = [totals.filter(total => total !== '').join(', ')];
  if (unrecognised.count > 0) {
    text.push(`not understood: ${counted(unrecognised.count, 'line')}`);
    for (const sample of unrecognised.samples.slice(0, SAMPLES)) {
      const shown = sample.text === '' ? '' : `: ${printable(sample.text.slice(0, 80))}`;
      text.push(`  ${printable(sample.trace)}:${sample.line}: ${sample.why}${shown}`);
    }
  }
  for (const fact of facts)
    if (fact.kind === 'blind')
      text.push(
        `blind spot: ${printable(fact.what)} (${printable(fact.evidence.origin.trace)}:${fact.evidence.origin.line})`,
      );
  const unresolved = facts.filter(fact => fact.kind === 'unresolved');
  const [first] = unresolved;
  if (first !== undefined)
    text.push(
      `unresolved: ${counted(unresolved.length, 'relative path')}, such as ${printable(first.asked)} (${printable(first.evidence.origin.trace)}:${first.evidence.origin.line}); --cwd DIR sets the working directory of the first process`,
    );
  for (const { what, count: times } of overflow.slice(0, SAMPLES))
    text.push(`bounded: ${printable(what)} (${counted(times, 'name')})`);
  if (overflow.length > SAMPLES) text.push(`bounded: ${overflow.length - SAMPLES} more directories in the same way`);
  if (runs.some(run => run.truncated))
    text.push('a log ends in the middle of a call: it is truncated, or the processes were still running');
  return `${text.join('\n')}\n`;
}
