// What can be done with a path inside a proposed sandbox, use by use, and where it was seen.

import type { Mode } from '../../process/access.ts';
import { isBelow } from '../../process/resolve.ts';
import type { Fact } from '../../profile/profile.ts';
import { DIRECTIVE_ROWS } from '../directives/table.ts';
import type { Directive } from '../policy.ts';
import { settle } from '../propose/paths/needs.ts';
import { judge } from '../sandbox/judge.ts';
import { wordsOf } from '../sandbox/settings.ts';
import { traceHost } from '../sandbox/trace-host.ts';
import { about, assignmentText, type Explanation, type Ground, times, type Use } from './explanation.ts';

/** What people ask about → the modes of access that it is; the first stands for all. */
const USES: readonly (readonly [use: string, modes: readonly [Mode, ...Mode[]]])[] = [
  ['look up', ['stat', 'chdir']],
  ['read', ['read', 'list', 'watch']],
  ['write', ['write']],
  ['create', ['create', 'bind']],
  ['delete', ['delete']],
  ['change', ['meta']],
  ['execute', ['exec']],
  ['map as a library', ['map']],
];

const names = (fact: Fact, path: string): boolean =>
  (fact.kind === 'path' && (fact.path === path || fact.asked === path)) ||
  (fact.kind === 'move' && (fact.from === path || fact.to === path));

/** Does a directive list the path, or one above it? */
function covers(directive: Directive, path: string, line: number): boolean {
  const row = DIRECTIVE_ROWS.get(directive.name);
  if (row?.kind !== 'paths' || row.list === undefined) return false;
  const words = wordsOf({ ...directive, at: { file: 'proposal', line } });
  return words.some(({ text }) => {
    const [top = ''] = text.replace(/^[-+]+/, '').split(':');
    return top.startsWith('/') && isBelow(path, top);
  });
}

export function explainPath(asked: string, ground: Ground): Explanation {
  const { profile, policy, target, sandbox, directiveOf } = ground;
  const path = asked.length > 1 ? asked.replace(/\/+$/, '') : asked;
  const facts = profile.facts.filter(fact => names(fact, path));
  const below = profile.facts.filter(fact => fact.kind === 'path' && fact.path !== path && isBelow(fact.path, path));
  const known = traceHost(target.host, profile);
  const uses = USES.map(([use, modes]): Use => {
    const seen = facts.reduce(
      (sum, fact) =>
        fact.kind === 'path' && fact.errno === undefined && modes.includes(fact.mode) ? sum + fact.evidence.count : sum,
      0,
    );
    const denied = judge({ kind: 'path', mode: modes[0], path }, sandbox, known);
    const by = denied === null ? undefined : directiveOf(denied.by);
    return { use, seen, outcome: denied?.outcome ?? 'allowed', by: by === undefined ? null : assignmentText(by) };
  });
  const real = settle(path, target.host);
  const directives = policy.directives.filter(
    (directive, line) =>
      covers(directive, path, line) ||
      covers(directive, real, line) ||
      uses.some(({ by }) => by === assignmentText(directive)),
  );
  const count = uses.reduce((sum, { seen }) => sum + seen, 0);
  const allowed = uses.filter(({ outcome }) => outcome === 'allowed').map(({ use }) => use);
  const failed = facts.filter(fact => 'errno' in fact && fact.errno !== undefined).length;
  const sentence = [
    count > 0
      ? `it was used ${times(count)}`
      : failed > 0
        ? 'it was asked for and never found or allowed'
        : 'it was never used',
    below.length === 0 ? '' : `something below it was used in ${below.length} ways`,
    allowed.length === 0 ? 'the sandbox allows nothing with it' : `the sandbox allows to ${allowed.join(', ')}`,
  ];
  return {
    subject: path,
    kind: 'path',
    answer: sentence.filter(part => part !== '').join('; '),
    uses,
    ...about(ground, facts.length > 0 ? facts : below, directives),
  };
}
