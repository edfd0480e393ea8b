// Log rotation in the middle of learning, of the trial and of the hardened life: by logrotate(8), which renames, compresses and reloads,
// and by a service that rotates by itself. Nothing is lost, and no rule names a rotated file.

import test from 'ava';
import { content, property, service, until } from '../support/learning.ts';
import { bootSystemd, type SystemdHost, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] log rotation skipped: ${obstacle}`, t => t.pass());

/** Writes its log without a pause. SIGHUP opens it anew; as `itself`, it rotates and compresses every twenty lines. */
const LOGGER = `
use strict; use IO::Handle;
my ($name) = @ARGV;
my $file = "/var/log/$name/app.log";
sub open_log { open my $log, '>>', $file or die "$file: $!"; $log->autoflush(1); return $log }
my ($log, $n, $again) = (open_log(), 0, 0);
$SIG{HUP} = sub { $again = 1 };
while (1) {
	if ($again) { $log = open_log(); $again = 0; print $log "opened anew\\n" }
	print $log "line ", $n++, "\\n" or die "log: $!";
	if ($name eq 'itself' && $n % 20 == 0) {
		unlink "$file.5.gz";
		for my $i (reverse 1 .. 4) { rename "$file.$i.gz", "$file." . ($i + 1) . '.gz' if -e "$file.$i.gz" }
		rename $file, "$file.1" or die "rename: $!"; system('gzip', '-f', "$file.1") == 0 or die 'gzip';
		$log = open_log();
	}
	select undef, undef, undef, 0.02;
}
`;

/** What logrotate does with `rotate 2`, `compress`, `delaycompress`, `create` and `postrotate systemctl reload`. */
const ROTATE = `cd /var/log/outside
rm -f app.log.2.gz
[ ! -e app.log.1 ] || { gzip app.log.1; mv app.log.1.gz app.log.2.gz; }
mv app.log app.log.1; install -m 640 /dev/null app.log
systemctl reload outside`;

/** Rotates from outside; the service goes on in the new file. */
async function rotates(host: SystemdHost): Promise<boolean> {
  const { exitCode } = await host.run('sh', '-e', '-c', ROTATE);
  if (exitCode !== 0) return false;
  return until(async () => /^opened anew\nline \d+$/m.test(await content(host, '/var/log/outside/app.log')));
}

/** The service has rotated by itself once more. */
async function rotatesItself(host: SystemdHost): Promise<boolean> {
  const newest = async (): Promise<string> =>
    (await host.run('sh', '-c', 'ls -i /var/log/itself/app.log.1.gz; cat /var/log/itself/app.log.2.gz | cksum')).stdout;
  const before = await newest();
  return until(async () => (await newest()) !== before);
}

proof('[systemd] logs are rotated while a service is learned, on trial and hardened', async t => {
  const host = await bootSystemd();
  const units = ['outside', 'itself'];
  try {
    await host.write('/srv/logger.pl', LOGGER);
    for (const unit of units) {
      await host.run('mkdir', '-p', `/var/log/${unit}`);
      await host.write(
        `/etc/systemd/system/${unit}.service`,
        `[Service]\nExecStart=/usr/bin/perl /srv/logger.pl ${unit}\nExecReload=/bin/kill -HUP $MAINPID\n`,
      );
    }
    await host.run('systemctl', 'daemon-reload');
    await host.run('systemctl', 'start', ...units);
    const started = await Promise.all(units.map(unit => service(host, 'start', unit)));
    for (const { exitCode, stderr } of started) t.is(exitCode, 0, stderr);
    const main = await property(host, 'outside', 'MainPID');
    for (let i = 0; i < 3; i++) t.true(await rotates(host), `rotation ${i + 1}`);
    t.true(await rotatesItself(host));
    t.is(await property(host, 'outside', 'MainPID'), main, 'the service was not restarted');
    const learned = async (unit: string, what: string): Promise<boolean> =>
      until(async () => (await content(host, `/var/lib/allowtrace/${unit}.service.json`)).includes(what));
    t.true(await learned('outside', '"path":"/bin/kill"'));
    for (const i of [1, 2, 3, 4]) t.true(await learned('itself', `"/var/log/itself/app.log.${i}.gz"`));

    const applied = Promise.all(units.map(unit => service(host, 'stop', unit, '--apply', '--trial', '4s')));
    t.true(await until(async () => (await property(host, 'outside', 'DropInPaths')).includes('system.control')));
    // The one that is on trial writes, and so minds a signal: before, it would be the old one, or none.
    const isConfined = async (): Promise<boolean> =>
      /^Seccomp:\t2$/m.test(await content(host, `/proc/${await property(host, 'outside', 'MainPID')}/status`));
    t.true(await until(isConfined));
    const written = await content(host, '/var/log/outside/app.log');
    t.true(await until(async () => (await content(host, '/var/log/outside/app.log')) !== written));
    t.true(await rotates(host), 'on trial');
    for (const [i, { exitCode, stdout, stderr }] of (await applied).entries()) {
      t.is(exitCode, 0, stderr);
      // The path of the drop-in is all that is printed.
      const dropin = await content(host, stdout);
      const rules = dropin.split('\n').filter(line => !line.startsWith('#'));
      t.true(rules.includes(`ReadWritePaths=/var/log/${units[i]}`), dropin);
      t.deepEqual(
        rules.filter(line => line.includes('app.log')),
        [],
        'no rule names a log',
      );
    }
    t.regex(
      await content(host, '/etc/systemd/system/itself.service.d/allowtrace.conf'),
      /\d folded\s+(?:#\s+)?names?\b/,
    );
    for (const unit of units) t.regex(await property(host, unit, 'DropInPaths'), /^\/etc\/.*\/allowtrace\.conf$/);
    t.true(await rotates(host), 'hardened');
    t.true(await rotatesItself(host), 'hardened');
    for (const unit of units) t.is(await property(host, unit, 'NRestarts'), '0');
  } finally {
    await host.halt();
  }
});
