// The answer of a check as workflow commands, which GitHub shows at the lines of a pull request: one annotation a cause, with a short title, since
// GitHub shows ten errors a step. Source: «Workflow commands for GitHub Actions», actions/toolkit command.ts.

import type { Verdict } from '../policy/check/verdict.ts';
import { relativeFile } from './artifact.ts';
import { incompleteText } from './incomplete.ts';
import { printable } from './printable.ts';
import { assignmentText, causeLines, causes, causeTitle, idleLines, idleText } from './violations.ts';

const data = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string): string => data(printable(text)).replace(/:/g, '%3A').replace(/,/g, '%2C');

export function checkGithub(verdict: Verdict, { cwd, listUnused }: { cwd: string; listUnused: boolean }): string {
  const command = (level: string, at: { file: string; line: number }, title: string, text: string): string =>
    `::${level} file=${property(relativeFile(at.file, cwd))},line=${Math.max(1, at.line)},title=${property(title)}::${data(text)}\n`;
  let out = '';
  for (const cause of causes(verdict.violations))
    out += command('error', cause.by.at, causeTitle(cause), causeLines(cause).join('\n'));
  if (listUnused || verdict.tooMuchUnused)
    for (const idle of idleLines(verdict.unused))
      out += command(verdict.tooMuchUnused ? 'error' : 'warning', idle.by.at, 'Unused permissions', idleText(idle));
  for (const by of verdict.unknown)
    out += command('notice', by.at, 'Ignored directive', `allowtrace does not support ${assignmentText(by)}`);
  for (const { by, why } of verdict.unjudged)
    out += command('notice', by.at, 'not judged', `${assignmentText(by)}: ${printable(why)}`);
  for (const { at, message } of verdict.ignored)
    out += command('warning', at, 'ignored by systemd', printable(message));
  const doubt = incompleteText(verdict.incomplete);
  if (doubt !== null) out += `::warning title=${property(`check of ${verdict.unit}`)}::${data(doubt)}\n`;
  return out;
}
