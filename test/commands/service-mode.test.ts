// Choosing how to trace a service by what its earlier runs showed. The strace of this machine is really asked what it can do.

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execaSync } from 'execa';
import { chooseMode } from '../../src/commands/service/mode.ts';
import { writeProfile } from '../../src/profile/file.ts';
import { emptyProfile } from '../../src/profile/merge.ts';
import type { Run } from '../../src/profile/profile.ts';
import { findStrace } from '../../src/strace/launch.ts';

const installed = !execaSync('strace', ['-V'], { reject: false }).failed;
const strace = installed ? test : test.skip;
const reason = installed ? '' : ' (skipped: strace is not installed)';

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-'));
test.after.always(() => rm(folder, { recursive: true }));

const run: Run = {
  id: 'r',
  trace: 't',
  lines: 1,
  unrecognised: 0,
  processes: 1,
  slice: { unit: 'lines', width: 64, used: 1 },
  mode: 'complete',
};
const evidence = { count: 1, runs: ['r'], origin: { trace: 't', line: 1, pid: 1, syscall: 'execve' }, by: [] };

/** The profile of a complete run that showed this feature. */
async function showed(name: string): Promise<string> {
  const path = join(folder, `${name}.json`);
  await writeProfile(path, { ...emptyProfile(), runs: [run], facts: [{ kind: 'feature', name, evidence }] });
  return path;
}

strace(`what earlier runs of a service showed decides how it is traced${reason}`, async t => {
  const mode = async (asRoot: boolean, profile: string, reason: string | null = 'it may'): Promise<string> =>
    (
      await chooseMode('auto', await findStrace(), {
        asRoot,
        gains: asRoot,
        show: () => '',
        profile,
        inReach: async () => reason,
      })
    )[0];
  t.is(await mode(false, join(folder, 'none')), 'seccomp');
  t.is(await mode(true, join(folder, 'none')), 'complete');
  t.is(await mode(true, join(folder, 'none'), null), 'seccomp');
  t.is(await mode(true, await showed('chroot')), 'seccomp');
  t.is(await mode(true, await showed('setuid-exec'), null), 'complete');
  t.is(await mode(false, await showed('own-seccomp')), 'complete');
});
