// The answer of a check as workflow commands, which GitHub shows at the lines of a pull request. One annotation for each denying line
// and fix, not for each access: GitHub shows ten errors a step. Source: «Workflow commands for GitHub Actions», actions/toolkit command.ts.

import type { Verdict } from '../policy/check/verdict.ts';
import { describe } from './access-text.ts';
import { relativeFile } from './artifact.ts';
import { incompleteText } from './incomplete.ts';
import { printable } from './printable.ts';
import { assignmentText, causes, counted, fixText, originText } from './violations.ts';

/** Accesses named in one annotation. */
const SHOWN = 5;

const data = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string): string => data(printable(text)).replace(/:/g, '%3A').replace(/,/g, '%2C');

export function checkGithub(verdict: Verdict, { cwd, listUnused }: { cwd: string; listUnused: boolean }): string {
  const command = (level: string, at: { file: string; line: number }, title: string, text: string): string =>
    `::${level} file=${property(relativeFile(at.file, cwd))},line=${Math.max(1, at.line)},title=${property(title)}::${data(text)}\n`;
  let out = '';
  for (const { by, parts } of causes(verdict.violations))
    for (const { fix, violations } of parts) {
      const lines = violations
        .slice(0, SHOWN)
        .map(({ access, outcome, origin }) => `${outcome}: ${printable(describe(access))} (${originText(origin)})`);
      if (violations.length > SHOWN) lines.push(`… and ${(violations.length - SHOWN).toLocaleString('en')} more`);
      const title = `${assignmentText(by)} denies ${counted(violations.length, 'observed access', 'observed accesses')}`;
      out += command('error', by.at, title, [...lines, `Fix: ${fixText(fix)}`].join('\n'));
    }
  if (listUnused || verdict.tooMuchUnused)
    for (const { by, allows } of verdict.unused)
      out += command(
        verdict.tooMuchUnused ? 'error' : 'warning',
        by.at,
        'unused rule',
        `${by.name}= allows ${printable(allows)}, which was never observed`,
      );
  for (const by of verdict.unknown)
    out += command('notice', by.at, 'not modelled', `nothing was concluded from ${assignmentText(by)}`);
  const doubt = incompleteText(verdict.incomplete);
  if (doubt !== null) out += `::warning title=${property(`check of ${verdict.unit}`)}::${data(doubt)}\n`;
  return out;
}
