// PrivatePIDs=yes on a real systemd that knows it: a service learned as it is shipped works as process 1 of a namespace, and stops at once.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { bin, root } from '../support/fixtures.ts';
import { host, hostObstacle } from '../support/releases.ts';

const APP = `import signal, socket, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = socket.create_server(('127.0.0.1', 7777))
while True:
    client, _ = server.accept(); client.sendall(b'hello'); client.close()
`;
const ASK = `import socket, time
for _ in range(100):
    try: print(socket.create_connection(('127.0.0.1', 7777)).recv(9).decode()); break
    except OSError: time.sleep(0.1)
`;
const UNIT = '[Service]\nExecStart=/usr/bin/python3 -S /srv/app.py\nTimeoutStopSec=30\n';
const DROPIN = '/etc/systemd/system/app.service.d/allowtrace.conf';

const obstacle = hostObstacle(257);
(obstacle === null ? test : test.skip)(
  '[systemd] a service that handles SIGTERM works as process 1 of a namespace of its own, and stops at once',
  async t => {
    const machine = await host(257);
    const must = async (...words: readonly [string, ...string[]]): Promise<string> => {
      const { exitCode, stdout, stderr } = await machine.run(...words);
      t.is(exitCode, 0, `${words.join(' ')}: ${stdout}\n${stderr}`);
      return stdout;
    };
    try {
      await machine.write('/srv/app.py', APP);
      await machine.write('/srv/ask.py', ASK);
      await machine.write('/etc/systemd/system/app.service', UNIT);
      await machine.write('/srv/learn.sh', readFileSync(`${root}test/services/learn.sh`, 'utf8'));
      await must('systemctl', 'daemon-reload');
      await must('bash', '/srv/learn.sh', 'app', '/srv/learn');
      await must('systemctl', 'start', 'app');
      t.is(await must('python3', '/srv/ask.py'), 'hello');
      await must('bash', '/srv/learn.sh', 'app', 'end');
      const logs = (await must('find', '/srv/learn', '-type', 'f')).split('\n');
      await must(process.execPath, bin, 'replay', '--unit', 'app', '--profile', '/srv/app.json', ...logs);
      const dropin = await must(process.execPath, bin, 'propose', '--unit', 'app', '/srv/app.json');
      t.regex(dropin, /^PrivatePIDs=yes$/m);
      await machine.write(DROPIN, `${dropin}\n`);
      await must('systemctl', 'daemon-reload');
      await must('systemctl', 'start', 'app');
      t.is(await must('python3', '/srv/ask.py'), 'hello');
      const pid = await must('systemctl', 'show', '--value', '-p', 'MainPID', 'app');
      t.not(await must('readlink', `/proc/${pid}/ns/pid`), await must('readlink', '/proc/1/ns/pid'));
      await must(process.execPath, bin, 'check', 'app', '--', '/srv/app.json');
      await must('systemctl', 'stop', 'app');
      // Otherwise systemd would have had to kill it: `timeout`.
      t.is(await must('systemctl', 'show', '--value', '-p', 'Result', 'app'), 'success');
    } finally {
      await machine.halt();
    }
  },
);
