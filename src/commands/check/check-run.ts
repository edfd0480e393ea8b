// What `allowtrace check` does.

import process from 'node:process';
import { EXIT, UsageError } from '../../errors.ts';
import { formatBaseline } from '../../policy/check/baseline.ts';
import { type Tolerance, type Verdict, verdictOf } from '../../policy/check/verdict.ts';
import { confines, type SandboxContext, sandboxOf } from '../../policy/sandbox/sandbox.ts';
import { checkReplaceable, writeAtomically } from '../../profile/file.ts';
import { shortfalls } from '../../profile/gaps.ts';
import { type FoldResult, fold } from '../../profile/patterns.ts';
import type { Profile } from '../../profile/profile.ts';
import { counted } from '../../render/number.ts';
import { printable } from '../../render/printable.ts';
import { summary } from '../../render/summary.ts';
import { assignmentText, editText, placeText } from '../../render/violations.ts';
import type { LoadedUnit } from '../../systemd/unit.ts';
import type { Io } from '../cli/command.ts';
import { loadProfile, tellIdleRules } from '../input/inputs.ts';
import { readUnit, sandboxContext, tellIgnored, tellRelease } from '../input/unit-input.ts';
import type { CheckArguments } from './check.ts';
import { answerText } from './check-formats.ts';
import { fixTarget, writeFix } from './fix.ts';
import { commandsOf, look } from './look.ts';
import { toleranceOf } from './tolerance.ts';

/** A fix may bring another line to light that denies the next thing. */
const ROUNDS = 8;

/** Accesses that succeeded, which is what is asked about. */
export const observed = ({ facts }: Profile): number =>
  facts.filter(
    fact => fact.kind !== 'blind' && fact.kind !== 'unresolved' && !('errno' in fact && fact.errno !== undefined),
  ).length;

/** What stands behind `--`: logs and profiles, or a command that is run now. */
async function observe(args: CheckArguments, io: Io): Promise<Profile> {
  if (!args.run) return loadProfile(args.rest, { cwd: args.cwd, host: args.host }, io);
  const options = {
    tracing: args.tracing,
    shared: null,
    saveSeconds: 5,
    host: args.host,
    status: true,
    toStderr: true,
  };
  const { traceCommand } = await import('../learn/trace-command.ts');
  const { profile, outcome } = await traceCommand(args.rest, options, io);
  if (outcome.cut)
    throw new UsageError('cut-trace', 'strace ended before the command: the record of its behaviour is incomplete');
  const end = outcome.signal ?? (outcome.exitCode === 0 ? null : `exit status ${outcome.exitCode}`);
  // A daemon is ended by whoever has seen enough of it.
  if (end !== null && end !== 'SIGINT' && end !== 'SIGTERM')
    throw new UsageError(
      'command-failed',
      `the command failed: ${end}`,
      'its full behaviour was not recorded: make it succeed, or check a log of it',
    );
  return profile;
}

interface Asked {
  tolerance: Tolerance;
  context: SandboxContext;
  args: CheckArguments;
  io: Io;
}

/** Checks, and with --fix fixes and checks again until nothing more can be fixed. */
async function answer(given: LoadedUnit, profile: Profile, { tolerance, context, args, io }: Asked): Promise<Verdict> {
  let into: FoldResult['into'] | null = null;
  const folded: FoldResult['into'] = access => {
    into ??= fold(profile).into;
    return into(access);
  };
  let operands = args.operands;
  let unit = given;
  for (let round = 1; ; round++) {
    const { findings, fixer } = look(unit, profile, context);
    const name = unit.name ?? unit.files.join(', ');
    const verdict = verdictOf(findings, tolerance, {
      unit: name,
      observed: observed(profile),
      incomplete: shortfalls(profile),
      ignored: unit.ignored,
      fold: folded,
    });
    const repairs = args.fix ? fixer.plan(verdict.violations) : [];
    if (repairs.length === 0 || round > ROUNDS) return verdict;
    const target = await fixTarget(unit, args.user);
    const edits = await writeFix(target, unit, repairs);
    if (edits.length === 0) return verdict;
    for (const edit of edits) io.stderr.write(`${printable(target)}: ${editText(edit)}\n`);
    unit = await readUnit(operands, args, io);
    if (unit.files.includes(target)) continue;
    operands = [...operands, target];
    unit = await readUnit(operands, args, io);
  }
}

export async function run(args: CheckArguments, io: Io): Promise<number> {
  if (args.operands.length === 0)
    throw new UsageError('no-unit', 'no unit', 'such as: allowtrace check app.service -- app.strace');
  if (args.rest.length === 0)
    throw new UsageError(
      'no-input',
      args.run ? 'no command' : 'no input files',
      `name ${args.run ? 'it' : 'them'} behind --: allowtrace check ${args.run ? '--run app.service -- ./app' : 'app.service -- app.strace'}`,
    );
  if (args.operands.includes('-') && args.rest.includes('-') && !args.run)
    throw new UsageError('stdin-twice', 'the unit and the log cannot both come from standard input');
  if (args.fix && args.operands.includes('-'))
    throw new UsageError('no-fix', '--fix cannot write to standard input', 'name the unit or its drop-in');
  // What can be wrong with the unit and the options is reported before a long log is read or a command is run.
  if (args['write-baseline'] !== undefined) await checkReplaceable(args['write-baseline'], 'allowtrace-baseline');
  const tolerance = await toleranceOf(args);
  const [unit, context] = [await readUnit(args.operands, args, io), await sandboxContext(args)];
  tellRelease(context.systemd, io);
  if (!confines(sandboxOf(unit.assignments, context))) {
    tellIgnored(unit, io);
    throw new UsageError(
      'not-confined',
      `${unit.name ?? unit.files.join(', ')} is not confined: none of its supported directives denies anything, so there is nothing to check`,
      'allowtrace replay and allowtrace propose make a sandbox from observations',
    );
  }
  for (const by of commandsOf(unit.assignments).outside)
    io.stderr.write(
      `${placeText(by.at)}: ${assignmentText(by)} runs outside the sandbox; what its program alone did is judged only by the settings that reach it there (TemporaryFileSystem=, Bind*Paths=, ReadWritePaths=, PrivateNetwork=, PrivateIPC= and those of control groups)\n`,
    );
  const whole = await observe(args, io);
  const rules = { fold: args.fold, ignore: args.ignore, volatile: false };
  const ruled = args.fold !== undefined || args.ignore !== undefined ? fold(whole, rules) : null;
  tellIdleRules(ruled?.idle ?? [], io);
  const profile = ruled?.profile ?? whole;
  const verdict = await answer(unit, profile, { tolerance, context, args, io });
  const known = [...verdict.known.values()];
  if (args['write-baseline'] !== undefined) {
    await writeAtomically(args['write-baseline'], formatBaseline(known));
    io.stderr.write(`${args['write-baseline']}: accepts ${counted(known.length, 'violation')}\n`);
    return EXIT.ok;
  }
  const text = answerText(verdict, {
    format: args.format,
    listUnused: args.unused,
    cwd: process.cwd(),
    io: args.output === undefined ? io : null,
  });
  if (args.output === undefined) io.stdout.write(text);
  else await writeAtomically(args.output, text);
  io.stderr.write(summary(profile));
  if (!verdict.fits && !args.fix && verdict.violations.some(({ fix }) => fix !== null))
    io.stderr.write('Next: apply the fixes (--fix writes them), or accept the violations (--write-baseline FILE)\n');
  return verdict.fits ? EXIT.ok : EXIT.findings;
}
