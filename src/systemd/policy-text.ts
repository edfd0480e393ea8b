// The JSON of a proposal (`allowtrace propose --format json`) read as a drop-in: its directives as assignments, each with its line.

import { UsageError } from '../errors.ts';
import { isRecord } from '../json.ts';
import type { Assignment } from '../policy/findings.ts';

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw new UsageError('bad-policy', `${file}: not JSON (${why})`, 'write it with allowtrace propose --format json');
  }
}

/** The assignments of a policy in JSON. `file` names it in errors and results. Throws UsageError. */
export function readPolicyText(text: string, file: string): Assignment[] {
  const policy = parse(text, file);
  if (!isRecord(policy) || policy.format !== 'allowtrace-policy' || !Array.isArray(policy.directives))
    throw new UsageError(
      'bad-policy',
      `${file}: JSON, but not of a proposal`,
      'write it with allowtrace propose --format json',
    );
  let from = 0;
  return policy.directives.map((directive: unknown) => {
    if (!isRecord(directive)) throw new UsageError('bad-policy', `${file}: a directive that is no object`);
    const { section, name, value } = directive;
    if (typeof section !== 'string' || typeof name !== 'string' || typeof value !== 'string')
      throw new UsageError('bad-policy', `${file}: a directive without section, name and value`);
    // Directives stand in the text in their order; within strings of the text quotes are escaped, so this matches keys only.
    const found = text
      .slice(from)
      .search(new RegExp(`"name"\\s*:\\s*${JSON.stringify(name).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
    if (found >= 0) from += found + 1;
    return { section, name, value, at: { file, line: text.slice(0, from).split('\n').length } };
  });
}
