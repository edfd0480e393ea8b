// What the table of directives claims, tried on real systemds: one boot of each, a unit for each claim, all started at once.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { root } from '../support/fixtures.ts';
import { host, hostObstacle, systemds } from '../support/releases.ts';

/** By the first version of systemd that does it. */
type Since = Readonly<Record<number, string>>;
/** Settings, what probe.py does inside, and what it prints; `prefix`: of the command. */
type Claim = readonly [settings: string, probe: string, printed: string | Since, prefix?: '+' | '!' | '!!'];

/** What a claim says of one version. */
function printedOn(systemd: number, printed: string | Since): string | undefined {
  if (typeof printed === 'string') return printed;
  const since = Object.keys(printed)
    .map(Number)
    .filter(version => version <= systemd);
  return printed[Math.max(...since)];
}

// biome-ignore format: one claim a line
const CLAIMS: readonly Claim[] = [
  ['', 'nothing', 'ok'],
  ['NoNewPrivileges=yes', 'no_new_privileges', '1'],
  // Filters bring it for a service without root, whatever capabilities it is given; other settings do not. From 255 on they are loaded
  // before privileges are given up.
  ['RestrictRealtime=yes', 'no_new_privileges', '0'],
  ['RestrictRealtime=yes User=nobody', 'no_new_privileges', { 247: '1', 255: '0' }],
  ['ProtectHostname=yes User=nobody', 'no_new_privileges', { 247: '1', 255: '0' }],
  ['PrivateDevices=yes User=nobody AmbientCapabilities=CAP_SYS_ADMIN', 'no_new_privileges', { 247: '1', 255: '0' }],
  ['ProtectControlGroups=yes User=nobody', 'no_new_privileges', '0'],
  // Lists: an empty line drops what was said before.
  ['CapabilityBoundingSet=CAP_KILL CapabilityBoundingSet= CapabilityBoundingSet=CAP_CHOWN', 'bounding', '0000000000000001'],
  ['CapabilityBoundingSet=~CAP_KILL CapabilityBoundingSet= CapabilityBoundingSet=CAP_CHOWN', 'bounding', '0000000000000001'],
  ['CapabilityBoundingSet=', 'bounding', '0000000000000000'],
  ['User=nobody AmbientCapabilities=CAP_CHOWN AmbientCapabilities=CAP_KILL AmbientCapabilities= AmbientCapabilities=CAP_CHOWN', 'ambient', '0000000000000001'],
  ['RestrictAddressFamilies=AF_INET RestrictAddressFamilies= RestrictAddressFamilies=AF_UNIX', 'tcp', 'EAFNOSUPPORT'],
  ['RestrictNamespaces=uts RestrictNamespaces= RestrictNamespaces=mnt', 'unshare_uts', 'EPERM'],
  ['SystemCallFilter=~@network-io SystemCallFilter= SystemCallFilter=@system-service', 'tcp', 'ok'],
  // Capabilities.
  ['CapabilityBoundingSet=CAP_DAC_OVERRIDE', 'chroot', 'EPERM'],
  ['CapabilityBoundingSet=CAP_SYS_CHROOT', 'chroot', 'ok'],
  ['CapabilityBoundingSet=CAP_KILL', 'give_away', 'EPERM'],
  ['CapabilityBoundingSet=CAP_KILL', 'become', 'EPERM'],
  ['CapabilityBoundingSet=CAP_KILL', 'low_port', 'EACCES'],
  ['CapabilityBoundingSet=CAP_KILL', 'packet', 'EPERM'],
  ['CapabilityBoundingSet=CAP_KILL', 'realtime', 'EPERM'],
  ['CapabilityBoundingSet=CAP_KILL', 'mount', 'EPERM'],
  ['CapabilityBoundingSet=CAP_KILL', 'read_foreign', 'EACCES'],
  ['CapabilityBoundingSet=CAP_DAC_READ_SEARCH', 'read_foreign', 'ok'],
  ['CapabilityBoundingSet=CAP_DAC_READ_SEARCH', 'write_foreign', 'EACCES'],
  ['CapabilityBoundingSet=CAP_DAC_READ_SEARCH', 'enter_foreign', 'ENOENT'],
  ['CapabilityBoundingSet=CAP_KILL', 'enter_foreign', 'EACCES'],
  ['CapabilityBoundingSet=CAP_DAC_OVERRIDE', 'write_foreign', 'ok'],
  ['CapabilityBoundingSet=CAP_DAC_OVERRIDE', 'chmod_foreign', 'EPERM'],
  ['CapabilityBoundingSet=CAP_FOWNER', 'chmod_foreign', 'ok'],
  ['CapabilityBoundingSet=CAP_NET_ADMIN', 'inherit', 'ok'],
  ['CapabilityBoundingSet=CAP_SETPCAP', 'inherit', 'EPERM'],
  // Filters, and the calls that take the place of those they cannot look into.
  ['RestrictSUIDSGID=yes', 'set_gid_directory', 'EPERM'],
  ['RestrictSUIDSGID=yes', 'openat2', { 247: 'EPERM', 248: 'ENOSYS' }],
  ['RestrictNamespaces=yes', 'clone3', { 247: 'EINVAL', 251: 'ENOSYS' }],
  ['RestrictNamespaces=yes', 'thread', 'ok'],
  ['RestrictNamespaces=yes SystemCallFilter=@system-service SystemCallFilter=~clone SystemCallErrorNumber=EPERM', 'thread', "can't start new thread"],
  ['RestrictNamespaces=mnt', 'unshare_mounts', 'ok'],
  ['RestrictNamespaces=yes', 'unshare_mounts', 'EPERM'],
  ['MemoryDenyWriteExecute=yes', 'executable_memory', { 247: 'EPERM', 254: 'EACCES' }],
  ['LockPersonality=yes', 'other_personality', 'EPERM'],
  ['RestrictRealtime=yes', 'realtime', 'EPERM'],
  ['RestrictAddressFamilies=none', 'unix', 'EAFNOSUPPORT'],
  ['RestrictAddressFamilies=none', 'pair', 'ok'],
  // After `none` the next line begins a list of its own.
  ['RestrictAddressFamilies=none RestrictAddressFamilies=~AF_PACKET', 'unix', { 247: 'EAFNOSUPPORT', 249: 'ok' }],
  ['RestrictAddressFamilies=none RestrictAddressFamilies=~AF_PACKET', 'packet', 'EAFNOSUPPORT'],
  ['RestrictAddressFamilies=AF_UNIX', 'netlink', 'EAFNOSUPPORT'],
  ['SystemCallFilter=@basic-io @file-system @signal @process @io-event mprotect mremap madvise ioctl sysinfo SystemCallErrorNumber=EPERM', 'timer', 'EPERM'],
  ['SystemCallLog=~@default read', 'timer', 'ok'],
  // Devices, /proc and the kernel.
  ['', 'other_device', 'ok'],
  ['PrivateDevices=yes', 'other_device', 'ENOENT'],
  ['PrivateDevices=yes', 'exec_in_dev', 'EPERM'],
  ['PrivateDevices=yes', 'make_in_dev', 'EROFS'],
  ['PrivateDevices=yes', 'redirect_to_null', 'ok'],
  ['ReadOnlyPaths=/dev', 'redirect_to_null', 'ok'],
  ['PrivateDevices=yes', 'use_shm', 'ok'],
  ['ProtectProc=invisible User=nobody', 'proc_of_manager', 'ENOENT'],
  ['ProtectProc=invisible', 'proc_of_manager', 'ok'],
  ['ProtectProc=invisible User=nobody', 'proc_self', 'ok'],
  ['ProcSubset=pid', 'proc_mounts', 'ENOENT'],
  ['ProcSubset=pid', 'proc_net', 'ENOENT'],
  ['ProcSubset=pid', 'proc_self', 'ok'],
  ['ProcSubset=pid', 'ngroups_max', 'True'],
  ['ProtectKernelTunables=yes', 'write_tunable', 'EROFS'],
  ['ProtectKernelTunables=yes', 'read_tunable', 'ok'],
  ['ProtectControlGroups=yes', 'write_cgroup', 'EROFS'],
  ['ProtectKernelModules=yes', 'modules', 'ENOENT'],
  ['ProtectKernelModules=yes', 'load_module', 'EPERM'],
  ['ProtectKernelLogs=yes', 'kernel_log', 'EPERM'],
  ['CapabilityBoundingSet=~CAP_SYSLOG', 'kernel_log_file', 'EPERM'],
  ['CapabilityBoundingSet=CAP_SYSLOG', 'kernel_log_file', 'ok'],
  ['ProtectKernelLogs=yes User=nobody', 'kmsg', 'EACCES'],
  ['ProtectClock=yes', 'set_clock', 'EPERM'],
  ['ProtectHostname=yes', 'set_hostname', 'EPERM'],
  // Isolation.
  ['PrivateNetwork=yes', 'reach', 'ECONNREFUSED'],
  ['PrivateNetwork=yes', 'tcp', 'ok'],
  ['PrivateUsers=yes', 'uid_map', "['0', '0', '1']"],
  ['PrivateUsers=yes', 'owner', '65534'],
  ['PrivateUsers=yes', 'become', 'EINVAL'],
  ['PrivateUsers=yes', 'read_foreign', 'EACCES'],
  ['PrivateUsers=yes', 'low_port', 'EACCES'],
  ['PrivateUsers=identity', 'give_away', { 247: 'ok' }],
  ['PrivateUsers=identity', 'read_foreign', { 247: 'ok' }],
  ['PrivateUsers=identity', 'become', { 247: 'ok' }],
  ['PrivateUsers=identity', 'set_groups', { 247: 'ok', 257: 'EPERM' }],
  ['PrivateUsers=identity', 'low_port', { 247: 'ok', 257: 'EACCES' }],
  ['PrivateUsers=full', 'set_groups', { 247: 'ok' }],
  ['PrivateUsers=full', 'low_port', { 247: 'ok', 258: 'EACCES' }],
  ['PrivateUsers=full', 'realtime', { 247: 'ok', 258: 'EPERM' }],
  ['PrivateUsers=full User=nobody', 'become', 'EPERM'],
  ['ProtectControlGroups=strict', 'write_cgroup', { 247: 'ok', 257: 'EROFS' }],
  ['ProtectControlGroups=strict', 'own_cgroup', { 247: 'False', 257: 'True' }],
  ['ProtectControlGroups=private', 'own_cgroup', { 247: 'False', 257: 'True' }],
  ['ProtectHostname=private', 'set_hostname', 'ok'],
  ['ProtectHostname=yes:here', 'set_hostname', { 247: 'ok', 258: 'EPERM' }],
  ['PrivateBPF=yes', 'bpf_mount', { 247: 'False', 258: 'True' }],
  ['PrivateTmp=disconnected', 'own_tmp', { 247: 'False', 257: 'True' }],
  ['ProtectHome=tmpfs', 'make_in_home', { 247: 'ok', 255: 'EROFS' }],
  ['RestrictRealtime=yes', 'set_attributes', { 247: 'ok', 258: 'EPERM' }],
  ['RestrictNamespaces=~mnt', 'unshare_time', { 247: 'ok', 248: 'EPERM', 258: 'ok' }],
  ['RestrictNamespaces=yes', 'unshare_time', { 247: 'ok', 248: 'EPERM' }],
  ['UMask=0077', 'umask', '0o600'],
  ['UMask=0027', 'umask', '0o640'],
  ['PrivateTmp=disconnected NoExecPaths=/tmp', 'exec_in_tmp', { 247: '', 248: 'EACCES' }],
  // Process 1 of its namespace: it sees nobody else, and what it does not handle does not end it.
  ['PrivatePIDs=yes', 'first_process', { 247: 'False', 257: 'True' }],
  ['PrivatePIDs=yes', 'ignores_term', { 247: '', 257: 'ok' }],
  ['PrivatePIDs=yes', 'signal_server', { 247: 'ok', 257: 'ESRCH' }],
  ['PrivatePIDs=yes', 'first_process', 'False', '+'],
  // Ports: what is allowed is looked at first.
  ['SocketBindDeny=any', 'bind_port', { 247: 'ok', 257: 'EPERM' }],
  ['SocketBindDeny=any', 'bind_any', { 247: 'ok', 257: 'EPERM' }],
  ['SocketBindDeny=any', 'bind_6', { 247: 'ok', 257: 'EPERM' }],
  ['SocketBindAllow=tcp:8321 SocketBindDeny=any', 'bind_port', 'ok'],
  ['SocketBindAllow=tcp:8321 SocketBindDeny=any', 'bind_6', 'ok'],
  ['SocketBindAllow=ipv6:tcp:8321 SocketBindDeny=any', 'bind_port', { 247: 'ok', 257: 'EPERM' }],
  ['SocketBindAllow=tcp:8321 SocketBindDeny=any', 'bind_udp', { 247: 'ok', 257: 'EPERM' }],
  ['SocketBindAllow=tcp:8000-9000 SocketBindDeny=any', 'bind_port', 'ok'],
  ['SocketBindDeny=udp:8321', 'bind_port', 'ok'],
  ['SocketBindDeny=udp:8321', 'bind_udp', { 247: 'ok', 257: 'EPERM' }],
  ['SocketBindDeny=8321', 'bind_any', 'ok'],
  ['SocketBindDeny=any', 'bind_port', { 247: 'ok', 257: 'EPERM' }, '+'],
  // What reaches a command with +, and what does not.
  ['User=nobody CapabilityBoundingSet= NoNewPrivileges=yes', 'chroot', 'ok', '+'],
  ['ProtectSystem=strict ReadOnlyPaths=/srv', 'write_foreign', 'ok', '+'],
  ['InaccessiblePaths=/srv/foreign', 'write_foreign', 'ok', '+'],
  ['PrivateDevices=yes', 'other_device', 'ok', '+'],
  ['ProtectKernelTunables=yes', 'write_tunable', 'ok', '+'],
  ['ProcSubset=pid', 'proc_net', 'ok', '+'],
  ['SystemCallFilter=@system-service SystemCallFilter=~@network-io', 'tcp', 'ok', '+'],
  ['TemporaryFileSystem=/dev', 'other_device', 'ENOENT', '+'],
  ['BindReadOnlyPaths=/srv/foreign', 'write_foreign', 'EROFS', '+'],
  ['', 'move', 'ok', '+'],
  ['ReadWritePaths=/srv/scratch /srv/other', 'move', 'EXDEV', '+'],
  ['PrivateNetwork=yes', 'reach', 'ECONNREFUSED', '+'],
  ['UMask=0077', 'umask', '0o600', '+'],
  // ! takes away User=, and !! nothing.
  ['User=nobody', 'chroot', 'ok', '!'],
  ['User=nobody', 'chroot', 'EPERM', '!!'],
  ['CapabilityBoundingSet=CAP_KILL', 'chroot', 'EPERM', '!'],
  ['ProtectSystem=strict', 'write_foreign', 'EROFS', '!'],
];

/** `A=b c D=e` → lines: a setting begins at each word that is `Name=…`. */
const lines = (settings: string): string[] => settings.split(/ (?=[A-Z][A-Za-z]+=)/).filter(line => line !== '');

const unit = ([settings, probe, , prefix]: Claim, index: number): string =>
  [
    '[Service]',
    'Type=oneshot',
    `ExecStart=${prefix ?? ''}python3 -S /srv/probe.py ${probe}`,
    `StandardOutput=file:/srv/out/${index}`,
    ...lines(settings),
  ].join('\n');

const PREPARE = `set -e
mkdir -p /srv/out /srv/scratch /srv/other /srv/foreign-directory; chmod 777 /srv/scratch; touch /dev/test-device /dev/kmsg /srv/foreign
chown 7:7 /srv/foreign /srv/foreign-directory; chmod 600 /srv/foreign; chmod 700 /srv/foreign-directory
python3 -c 'import socket,time
s=socket.create_server(("127.0.0.1",0)); open("/srv/server","w").write(str(__import__("os").getpid())); open("/srv/port","w").write(str(s.getsockname()[1])); time.sleep(60)' >/dev/null 2>&1 </dev/null &
for _ in $(seq 200); do [ -s /srv/port ] && break; sleep 0.05; done
systemctl daemon-reload
systemctl start $(cd /etc/systemd/system; ls claim-*.service) >/dev/null 2>&1 || true
for file in $(ls /srv/out | sort -n); do echo "$file $(head -1 /srv/out/$file)"; done
`;

for (const systemd of systemds(252, 257)) {
  const title = `[systemd] directives do what the table says, on ${systemd}`;
  const obstacle = process.arch === 'x64' ? hostObstacle(systemd) : 'probe.py knows the numbers of x86-64 only';
  if (obstacle !== null) {
    test.skip(`${title}: skipped: ${obstacle}`, t => t.pass());
    continue;
  }
  test(title, async t => {
    const machine = await host(systemd);
    try {
      await machine.write('/srv/probe.py', readFileSync(`${root}test/policy/probe.py`, 'utf8'));
      await machine.write('/srv/prepare', PREPARE);
      for (const [index, claim] of CLAIMS.entries())
        await machine.write(`/etc/systemd/system/claim-${index}.service`, unit(claim, index));
      const { stdout } = await machine.run('bash', '/srv/prepare');
      const outcomes = new Map(stdout.split('\n').map(line => [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)]));
      const wrong = CLAIMS.flatMap(([settings, probe, printed, prefix], index) => {
        const [real, claimed] = [outcomes.get(String(index)), printedOn(systemd, printed)];
        return real === claimed ? [] : [`${settings}: ${prefix ?? ''}${probe}: claimed ${claimed}, systemd ${real}`];
      });
      t.deepEqual(wrong, []);
    } finally {
      await machine.halt();
    }
  });
}
