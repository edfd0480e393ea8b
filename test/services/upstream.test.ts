// What is proposed to those who ship a unit, on a real systemd: learned on one release, it works on the oldest that it is for and on a newer one.

import test from 'ava';
import { learn, liveOnce } from '../support/proof.ts';
import { host, hostObstacle } from '../support/releases.ts';
import { installed, service } from '../support/services.ts';
import { FLOOR, proposal, SHIPPED, startWith } from '../support/upstream.ts';

const NEWER = 257;
const obstacle = hostObstacle(FLOOR) ?? hostObstacle(NEWER);

for (const unit of SHIPPED) {
  const title = `[systemd] ${unit} starts and works in what is proposed to its maintainers, on ${FLOOR} and ${NEWER}`;
  if (obstacle !== null) {
    test.skip(`${title}: skipped: ${obstacle}`, t => t.pass());
    continue;
  }
  test.serial(title, async t => {
    const row = service(unit);
    const teacher = await host(FLOOR);
    try {
      if (!(await installed(teacher, row))) return t.pass(`${row.package} is not installed`);
      await learn(teacher, row);
      const lines = await proposal(teacher, row);
      t.notRegex(lines, /(?:Inaccessible|NoExec|ReadOnly)Paths=|SocketBind|\.strace|^[A-Z]\w+=$(?!\n)/m);
      t.regex(lines, /^SystemCallFilter=@system-service$/m);
      t.true((await startWith(teacher, row, lines)) <= row.goal + 0.4);
      const newer = await host(NEWER);
      try {
        if (!(await installed(newer, row))) return;
        await liveOnce(newer, row);
        t.true((await startWith(newer, row, lines)) <= row.goal + 0.4);
      } finally {
        await newer.halt();
      }
    } finally {
      await teacher.halt();
    }
  });
}
