// The proof, on a real systemd: Debian services are traced at their real work, the proposal is installed, and the work goes on, twice, and after
// a file was replaced by rename, without a word of refusal in the journal; the exposure falls; and an intruder can do nothing but what the service itself does.
// Three of them are proved on another release too, and with what was learned on the one in a proposal for the other.
// Needs root and systemd; elsewhere it is skipped with the reason.

import test, { type ExecutionContext } from 'ava';
import { exposure, learn, liveOnce, type Proof, propose, prove } from '../support/proof.ts';
import { host, hostObstacle } from '../support/releases.ts';
import { installed, type Service, service, services } from '../support/services.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] proof skipped: ${obstacle}`, t => t.pass());

function holds(t: ExecutionContext, row: Service, paths: string, before: number, proved: Proof): void {
  const { exposure: after, intruder, denials } = proved;
  t.deepEqual(denials, [], `--paths ${paths}: refused in the journal`);
  t.true(after < before || before <= row.goal, `--paths ${paths}: exposure ${after}, it was ${before}`);
  t.true(after <= row.goal, `--paths ${paths}: exposure ${after}, the goal is ${row.goal}`);
  const open = [...intruder].filter(([, answer]) => answer === 'allowed').map(([probe]) => probe);
  t.deepEqual(
    open.filter(probe => probe !== 'control' && !row.does.includes(probe)),
    [],
    `--paths ${paths}: an intruder can do this`,
  );
  t.true(open.includes('control'), `--paths ${paths}: the probes do not run`);
}

for (const row of services) {
  proof(`[systemd] ${row.unit} works in its proposals, and an intruder does not: ${row.kind}`, async t => {
    const machine = await bootSystemd();
    try {
      const here = await installed(machine, row);
      if (here === null) return t.pass(`${row.package} is not installed`);
      await learn(machine, here);
      const before = await exposure(machine, here);
      for (const paths of row.paths)
        holds(t, here, paths, before, await prove(machine, here, await propose(machine, here, paths)));
    } finally {
      await machine.halt();
    }
  });
}

/** Where it is learned, and where it works. An empty root holds the files of the machine that it was proposed on, so it is for no other. */
const WAYS = [
  { from: 257, to: 257, paths: ['strict', 'tmpfs,exec'] },
  { from: 252, to: 257, paths: ['strict'] },
  { from: 257, to: 252, paths: ['strict'] },
];

for (const unit of ['opensmtpd', 'nginx', 'redis-server'])
  for (const { from, to, paths: strategies } of WAYS) {
    const title = `[systemd] ${unit}, learned on ${from}, works in its proposals on ${to}`;
    const missing = hostObstacle(from) ?? hostObstacle(to);
    if (missing !== null) {
      test.skip(`${title}: skipped: ${missing}`, t => t.pass());
      continue;
    }
    test.serial(title, async t => {
      const row = service(unit);
      const teacher = await host(from);
      const machine = from === to ? teacher : await host(to);
      try {
        await learn(teacher, row);
        if (machine !== teacher) await liveOnce(machine, row);
        const before = await exposure(machine, row);
        // Programs that the block-list names have other names on another release: gcc-12 is gcc-14 there.
        const does = machine === teacher ? row.does : [...row.does, 'compiler'];
        // The goals are those of Debian 12's daemons; those of another release are other programs (nginx 1.26 scores 2.6, 1.22 2.5).
        const goal = row.goal + 0.1;
        for (const paths of strategies) {
          const proved = await prove(machine, row, await propose(teacher, row, paths, to));
          holds(t, { ...row, does, goal }, paths, before, proved);
        }
      } finally {
        await teacher.halt();
        if (machine !== teacher) await machine.halt();
      }
    });
  }
