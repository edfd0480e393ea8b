// Check against reality: what it predicts for a real service happens, and what --fix writes lets the service work again.
// Needs root and systemd; elsewhere it is skipped with the reason.

import test from 'ava';
import { bin } from '../support/fixtures.ts';
import { learn } from '../support/proof.ts';
import { installed, journal, service, work } from '../support/services.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] check against reality skipped: ${obstacle}`, t => t.pass());

/** Hardening that a service does not survive: what check must say of it, and what the journal says then. */
const CASES = [
  {
    unit: 'opensmtpd',
    dropin: [
      'ProtectSystem=strict',
      'ReadWritePaths=/run /tmp /var/mail /var/spool/smtpd/incoming /var/spool/smtpd/queue',
      'SystemCallFilter=@system-service',
      'CapabilityBoundingSet=~CAP_SETGID',
    ],
    predicted: [
      'ProtectSystem EROFS',
      'ReadWritePaths EXDEV',
      'SystemCallFilter SIGSYS',
      'CapabilityBoundingSet EPERM',
    ],
  },
  {
    unit: 'nginx',
    dropin: [
      'ProtectSystem=strict',
      'ReadWritePaths=/run',
      'TemporaryFileSystem=/var/lib:ro',
      'InaccessiblePaths=/etc/nginx',
      'RestrictAddressFamilies=AF_UNIX',
    ],
    predicted: [
      'ProtectSystem EROFS',
      'TemporaryFileSystem ENOENT',
      'InaccessiblePaths ENOENT',
      'RestrictAddressFamilies EAFNOSUPPORT',
    ],
  },
];

for (const { unit, dropin, predicted } of CASES)
  proof(`[systemd] ${unit}: what check predicts happens, and --fix fixes it`, async t => {
    const row = service(unit);
    const host = await bootSystemd();
    try {
      if (!(await installed(host, row))) {
        t.log(`${unit} is not installed`);
        return t.pass();
      }
      await learn(host, row);
      const check = (...words: string[]) =>
        host.run(process.execPath, bin, 'check', ...words, unit, '--', '/srv/learn.json');
      const shipped = await check();
      // Debian ships neither with a sandbox: that is no verdict.
      t.is(shipped.exitCode, 2, shipped.stdout);
      t.regex(shipped.stderr, /is not confined/);
      const works = async (): Promise<boolean> => {
        await host.run('systemctl', 'daemon-reload');
        const started = await host.run('systemctl', 'restart', unit);
        return started.exitCode === 0 && (await work(host, row)).exitCode === 0;
      };
      const place = `/etc/systemd/system/${unit}.service.d/hard.conf`;
      await host.write(place, `# by hand\n[Service]\n${dropin.join('\n')}\n`);
      const before = await check('--format', 'json');
      t.is(before.exitCode, 1);
      const { violations } = JSON.parse(before.stdout);
      const found = new Set(
        violations.map((one: { directive: string; outcome: string }) => `${one.directive} ${one.outcome}`),
      );
      for (const one of predicted) t.true(found.has(one), `${one} of ${[...found].join(', ')}`);
      t.false(await works(), 'it was predicted to break');
      const fixed = await check('--fix');
      t.is(fixed.exitCode, 0, fixed.stdout);
      const { stdout: text } = await host.run('cat', place);
      t.regex(text, /^# by hand$/m);
      t.true(await works(), `${text}\n${await journal(host, row)}`);
      const verified = await host.run('systemd-analyze', 'verify', `${unit}.service`);
      t.notRegex(verified.stderr, /hard\.conf/);
    } finally {
      await host.halt();
    }
  });
