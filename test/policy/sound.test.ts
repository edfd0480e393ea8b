// The law over everything: what a proposal was made from, it allows; asked of the model that `check` asks.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { allowtrace, fixture } from '../support/fixtures.ts';

const dropin = join(mkdtempSync(join(tmpdir(), 'allowtrace-test-')), 'allowtrace.conf');

for (const name of ['opensmtpd/y.strace.gz', 'redis/y.strace', 'python-start/y.strace', 'names/y.strace'])
  test.serial(`[law] ${name} fits its own proposals`, async t => {
    for (const paths of ['strict,exec', 'tmpfs']) {
      const proposal = await allowtrace(['replay', '--no-verify', '--paths', paths, fixture(name)]);
      writeFileSync(dropin, proposal.stdout);
      const { exitCode, stdout } = await allowtrace(['check', dropin, '--', fixture(name)]);
      t.is(exitCode, 0, `--paths ${paths}: ${stdout}`);
    }
  });
