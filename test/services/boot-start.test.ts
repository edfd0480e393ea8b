// A start like the one after a boot, on a real systemd: what the service left in /run is set aside, so that what it does without that is
// observed. A service that cannot start so gets it back; what others have in /run stays.

import test from 'ava';
import { content, property, service } from '../support/learning.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] boot-like starts skipped: ${obstacle}`, t => t.pass());

/** Makes a link in its directory of /run only when it is missing, as after a boot. */
const LINKS =
  '#!/bin/sh\necho 1 >/run/links/pid\n[ -L /run/links/link ] || ln -s /etc/hosts /run/links/link\ncat /run/links/link\n';
/** Cannot start without what somebody put there once. */
const NEEDS = '#!/bin/sh\ncat /run/needs/given && exec sleep 1000\n';
const ONESHOT = 'Type=oneshot\nRemainAfterExit=yes\n';

proof('[systemd] a service is learned and tried with /run as after a boot', async t => {
  const host = await bootSystemd();
  const unit = (name: string, settings: string, head = ''): Promise<void> =>
    host.write(`/etc/systemd/system/${name}.service`, `${head}[Service]\n${settings}\n`);
  try {
    await host.write('/srv/links', LINKS);
    await host.write('/srv/needs', NEEDS);
    await host.run('chmod', '+x', '/srv/links', '/srv/needs');
    const preserved = 'RuntimeDirectory=links\nRuntimeDirectoryPreserve=yes\n';
    await unit('links', `${ONESHOT}${preserved}ExecStart=/srv/links`);
    await unit('needs', 'Type=exec\nExecStart=/srv/needs');
    await unit('client', 'ExecStart=/bin/sleep 1000', '[Unit]\nRequires=links.service\nAfter=links.service\n');
    await host.run('mkdir', '/run/needs');
    await host.write('/run/needs/given', '');
    await host.run('systemctl', 'daemon-reload');
    t.is((await host.run('systemctl', 'start', 'links', 'needs', 'client')).exitCode, 0);

    const links = await service(host, 'start', 'links');
    t.is(links.exitCode, 0, links.stderr);
    t.regex(
      links.stderr,
      /links\.service was restarted, as after a boot \(without \/run\/links\), and is being learned/,
    );
    t.is(await property(host, 'client', 'ActiveState'), 'active', 'what requires it runs again');
    t.is((await host.run('readlink', '/run/links/link')).stdout, '/etc/hosts');
    const proposal = await service(host, 'stop', 'links');
    t.regex(proposal.stdout, /^SystemCallFilter=.*\bsymlinkat\b/m);
    t.notRegex(proposal.stdout, /WARNING/);
    t.is((await host.run('ls', '/run/allowtrace')).stdout, '', 'nothing is kept aside');

    await service(host, 'reset', 'links');
    const plain = await service(host, 'start', 'links', '--no-boot-like');
    t.notRegex(plain.stderr, /as after a boot/);
    const unseen = await service(host, 'stop', 'links');
    t.regex(
      unseen.stdout,
      /^# WARNING: a start as after a boot was not observed, and \/run\/links\/link, left by an earlier start/,
    );
    t.notRegex(unseen.stdout, /^(?:SystemCallFilter|ProtectSystem|NoExecPaths)=/m, 'what rests on it is withheld');

    // A proposal that a start after a boot would not fit: the trial finds out before it says that it passed.
    await host.write(
      '/etc/systemd/system/links.service.d/x.conf',
      '[Service]\nSystemCallFilter=~symlinkat\nSystemCallErrorNumber=EPERM\n',
    );
    await host.run('systemctl', 'daemon-reload');
    const tried = await service(host, 'stop', 'links', '--apply', '--force', '--trial', '1s');
    t.is(tried.exitCode, 1, tried.stderr);
    t.regex(tried.stderr, /symlinkat/);

    const needs = await service(host, 'start', 'needs');
    t.is(needs.exitCode, 0, needs.stderr);
    t.regex(
      needs.stderr,
      /needs\.service does not start without \/run\/needs, .*put back: a start after a boot is not observed/,
    );
    t.is(await property(host, 'needs', 'ActiveState'), 'active');
    t.is((await host.run('ls', '/run/needs/given')).exitCode, 0);
    t.regex(await content(host, '/var/lib/allowtrace/needs.service.json'), /"boot":false/);
  } finally {
    await host.halt();
  }
});
