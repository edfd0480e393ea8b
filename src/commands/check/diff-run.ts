// What `allowtrace diff` does.

import { open, stat } from 'node:fs/promises';
import { EXIT, UsageError } from '../../errors.ts';
import { diffDirectives, type Line } from '../../policy/check/diff.ts';
import { SANDBOX_SECTIONS, wordsOf } from '../../policy/sandbox/settings.ts';
import { diffProfiles } from '../../profile/diff.ts';
import { type FoldResult, fold, type IdleRule } from '../../profile/patterns.ts';
import { type Difference, diffJson, diffText } from '../../render/diff.ts';
import { styleFor } from '../../render/style.ts';
import { targetSyscallSets } from '../../systemd/version.ts';
import type { Io } from '../cli/command.ts';
import { loadProfile, tellIdleRules } from '../input/inputs.ts';
import { readUnit, tellIgnored } from '../input/unit-input.ts';
import type { DiffArguments } from './diff.ts';

type Kind = 'observed' | 'directives';

const UNIT_NAME = /\.(?:service|socket|mount|swap|conf)$/;
const POLICY_START = /^\s*\{\s*"format"\s*:\s*"allowtrace-policy"/;
/** A section header, after comments at most. */
const UNIT_START = /^(?:\s*(?:[#;][^\n]*)?\n)*\s*\[[A-Z][A-Za-z-]*\]\s*(?:\n|$)/;

/** What an operand is, by its name and its first bytes. */
async function kindOf(name: string): Promise<Kind> {
  if (UNIT_NAME.test(name)) return 'directives';
  const stats = await stat(name).catch(() => null);
  if (stats === null || !stats.isFile()) return 'observed';
  const file = await open(name);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    const start = buffer.toString('latin1', 0, bytesRead);
    return POLICY_START.test(start) || UNIT_START.test(start) ? 'directives' : 'observed';
  } finally {
    await file.close();
  }
}

async function lines(name: string, args: DiffArguments, io: Io): Promise<Line[]> {
  const unit = await readUnit([name], args, io);
  tellIgnored(unit, io);
  return unit.assignments
    .filter(({ section }) => SANDBOX_SECTIONS.has(section))
    .map(assignment => ({ name: assignment.name, words: wordsOf(assignment).map(({ text }) => text) }));
}

async function folded(name: string, args: DiffArguments, io: Io): Promise<FoldResult> {
  const profile = await loadProfile([name], { cwd: args.cwd }, io);
  return fold(profile, { fold: args.fold, ignore: args.ignore });
}

async function compare(old: string, now: string, args: DiffArguments, io: Io): Promise<Difference> {
  const [before, after] = [await kindOf(old), await kindOf(now)];
  if (before !== after)
    throw new UsageError(
      'unlike',
      `${old} and ${now} cannot be compared: one is a profile, the other a unit`,
      'allowtrace check UNIT -- LOG checks one against the other',
    );
  if (before === 'observed') {
    const [left, right] = [await folded(old, args, io), await folded(now, args, io)];
    const isIdle = ({ rule, glob }: IdleRule): boolean =>
      right.idle.some(other => other.rule === rule && other.glob === glob);
    tellIdleRules(left.idle.filter(isIdle), io);
    const facts = diffProfiles(left.profile, right.profile);
    return { old, new: now, facts, directives: [] };
  }
  const sets = await targetSyscallSets(args.systemd);
  const directives = diffDirectives(await lines(old, args, io), await lines(now, args, io), sets);
  return { old, new: now, facts: [], directives };
}

export async function run(args: DiffArguments, io: Io): Promise<number> {
  const [old, now, ...others] = args.operands;
  if (old === undefined || now === undefined || others.length > 0)
    throw new UsageError('two-operands', 'diff compares two things', 'such as: allowtrace diff old.json new.json');
  const difference = await compare(old, now, args, io);
  io.stdout.write(args.format === 'json' ? diffJson(difference) : diffText(difference, styleFor(io.stdout, io.env)));
  return difference.facts.length === 0 && difference.directives.length === 0 ? EXIT.ok : EXIT.findings;
}
