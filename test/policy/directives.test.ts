// Which directives follow from what: capabilities, users, devices, addresses, filters, versions; each withheld with its evidence.

import test from 'ava';
import { check } from '../../src/policy/check/check.ts';
import { DIRECTIVE_ROWS } from '../../src/policy/directives/table.ts';
import { type HostView, UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import { withoutSpecifiers } from '../../src/policy/propose/paths/instances.ts';
import type { Target } from '../../src/policy/propose/target.ts';
import { sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { renderFullDropin } from '../../src/render/full-dropin.ts';
import { LIVE_LAYOUT } from '../../src/strace/launch.ts';
import { profile as anyProfile } from '../support/facts.ts';
import fc from '../support/fast-check.ts';

const target: Target = { systemd: 252, paths: ['strict'], syscalls: 'exact', sets: syscallSets(), host: UNKNOWN_HOST };

/** Files and directories with owner and mode; everything else belongs to root and is 0755. */
const owned = (files: Readonly<Record<string, [uid: number, mode: number]>>): HostView => ({
  ...UNKNOWN_HOST,
  realpath: path => path,
  type: () => 'other',
  user: () => ({ uid: 33, gid: 33, home: '/', groups: [] }),
  group: () => 33,
  owner: path => ({ uid: files[path]?.[0] ?? 0, gid: files[path]?.[0] ?? 0, mode: files[path]?.[1] ?? 0o755 }),
  known: true,
});

function learn(log: string, uid?: number): Profile {
  const observer = new Observer({
    id: 'run',
    trace: 'log',
    mode: 'complete',
    cwd: '/',
    ...(uid === undefined ? {} : { uid }),
  });
  observer.push(Buffer.from(log));
  observer.end();
  return observer.snapshot();
}

const proposal = (log: string, over: Partial<Target> = {}, uid?: number): Policy =>
  derive(learn(log, uid), { ...target, ...over });
const values = ({ directives }: Policy, name: string): string[] =>
  directives.flatMap(one => (one.name === name ? [one.value] : []));
const capabilities = (log: string, over: Partial<Target> = {}, uid?: number): string[] =>
  values(proposal(log, over, uid), 'CapabilityBoundingSet').flatMap(value =>
    value.split(' ').filter(word => word !== ''),
  );

const CLEAN = owned({});

for (const [what, line, needed] of [
  ['chroot', 'chroot("/srv") = 0', 'CAP_SYS_CHROOT'],
  [
    'a low port',
    'bind(3, {sa_family=AF_INET, sin_port=htons(25), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
    'CAP_NET_BIND_SERVICE',
  ],
  ['another uid', 'setresuid(110, 110, 110) = 0', 'CAP_SETUID'],
  ['another gid', 'setresgid(110, 110, 110) = 0', 'CAP_SETGID'],
  ['groups', 'setgroups(1, [110]) = 0', 'CAP_SETGID'],
  ['giving files away', 'chown("/srv/f", 110, 110) = 0', 'CAP_CHOWN'],
  ['raw sockets', 'socket(AF_PACKET, SOCK_RAW, htons(0x3 /* ETH_P_ALL */)) = 3', 'CAP_NET_RAW'],
  ['audit', 'socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT) = 3', 'CAP_AUDIT_WRITE'],
  [
    'new routes',
    'sendto(3, [{nlmsg_len=40, nlmsg_type=RTM_NEWROUTE, nlmsg_flags=NLM_F_REQUEST}], 40, 0, NULL, 0) = 40',
    'CAP_NET_ADMIN',
  ],
  ['interfaces', 'ioctl(3, SIOCSIFADDR, {ifr_name="eth0"}) = 0', 'CAP_NET_ADMIN'],
  ['time stamps of a network card', 'ioctl(3, SIOCSHWTSTAMP, 0x7ffc) = 0', 'CAP_NET_ADMIN'],
  ['groups of multicast', 'ioctl(3, SIOCADDMULTI, {ifr_name="eth0"}) = 0', 'CAP_NET_ADMIN'],
  ['entropy', 'ioctl(3, RNDADDENTROPY, 0x7ffc) = 0', 'CAP_SYS_ADMIN'],
  ['realtime', 'sched_setscheduler(0, SCHED_FIFO, [1]) = 0', 'CAP_SYS_NICE'],
  ['more files', 'prlimit64(0, RLIMIT_NOFILE, {rlim_cur=9000, rlim_max=9000}, NULL) = 0', 'CAP_SYS_RESOURCE'],
  ['locked memory', 'mlockall(MCL_CURRENT) = 0', 'CAP_IPC_LOCK'],
  ['device nodes', 'mknod("/srv/d", S_IFCHR|0600, makedev(0x1, 0x3)) = 0', 'CAP_MKNOD'],
  ['ambient', 'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0) = 0', 'CAP_NET_RAW'],
  [
    'what capset names',
    'capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_NET_RAW, permitted=1<<CAP_NET_RAW, inheritable=0}) = 0',
    'CAP_NET_RAW',
  ],
  [
    'what capset makes inheritable',
    'capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=0, inheritable=1<<CAP_NET_RAW}) = 0',
    'CAP_NET_RAW',
  ],
  [
    'capset that makes inheritable what may have been given up',
    'capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=0, inheritable=1<<CAP_NET_RAW}) = 0',
    'CAP_SETPCAP',
  ],
  ['set-gid directories', 'chmod("/srv/d", 02775) = 0', 'CAP_FSETID'],
  ['lowering oom_score_adj', 'openat(AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY) = 3', 'CAP_SYS_RESOURCE'],
  ['the kernel log', 'openat(AT_FDCWD, "/proc/kmsg", O_RDONLY|O_CLOEXEC) = 3</proc/kmsg>', 'CAP_SYSLOG'],
  ['its other file', 'open("/dev/kmsg", O_RDONLY) = 3', 'CAP_SYSLOG'],
  ['memory', 'openat(AT_FDCWD, "/dev/mem", O_RDWR) = 3', 'CAP_SYS_RAWIO'],
  [
    "another's attributes that only root sees",
    'setxattr("/srv/f", "trusted.overlay.opaque", "y", 1, 0) = 0',
    'CAP_SYS_ADMIN',
  ],
  ['reading them', 'getxattr("/srv/f", "trusted.overlay.opaque", "y", 1) = 1', 'CAP_SYS_ADMIN'],
  ['capabilities of files', 'fsetxattr(3, "security.capability", "\\1\\0\\0\\2", 20, 0) = 0', 'CAP_SETFCAP'],
  ['files that nobody changes', 'ioctl(3, FS_IOC_SETFLAGS, [FS_IMMUTABLE_FL]) = 0', 'CAP_LINUX_IMMUTABLE'],
  ['leases', 'fcntl(3, F_SETLEASE, F_RDLCK) = 0', 'CAP_LEASE'],
  ['large pipes', 'fcntl(3, F_SETPIPE_SZ, 4194304) = 4194304', 'CAP_SYS_RESOURCE'],
  ['times of access that stay', 'openat(AT_FDCWD, "/srv/f", O_RDONLY|O_NOATIME) = 3', 'CAP_FOWNER'],
  ['that also later', 'fcntl(3, F_SETFL, O_RDONLY|O_NOATIME) = 0', 'CAP_FOWNER'],
  ['names for what is open', 'linkat(3, "", AT_FDCWD, "/srv/f", AT_EMPTY_PATH) = 0', 'CAP_DAC_READ_SEARCH'],
  ['timers that wake the machine', 'timerfd_create(CLOCK_BOOTTIME_ALARM, 0) = 3', 'CAP_WAKE_ALARM'],
  ['others of them', 'timer_create(CLOCK_REALTIME_ALARM, {sigev_signo=SIGALRM}, [0]) = 0', 'CAP_WAKE_ALARM'],
  [
    'mapping locked memory',
    'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_LOCKED, -1, 0) = 0x7f',
    'CAP_IPC_LOCK',
  ],
  ['locking shared memory', 'shmctl(10, SHM_LOCK, NULL) = 0', 'CAP_IPC_LOCK'],
  ['shared memory of others', 'shmget(0x4242, 0, 000) = 3', 'CAP_IPC_OWNER'],
  ["another process's processors", 'sched_setaffinity(77, 8, [0 1]) = 0', 'CAP_SYS_NICE'],
  ['its priority', 'setpriority(PRIO_PROCESS, 77, 5) = 0', 'CAP_SYS_NICE'],
  ["that of a user's processes", 'setpriority(PRIO_USER, 110, 5) = 0', 'CAP_SYS_NICE'],
  ['its memory', 'migrate_pages(77, 2, [0x1], [0x1]) = 0', 'CAP_SYS_NICE'],
  ['a look at it', 'migrate_pages(77, 2, [0x1], [0x1]) = 0', 'CAP_SYS_PTRACE'],
  ['its limits', 'prlimit64(77, RLIMIT_NOFILE, NULL, {rlim_cur=1024, rlim_max=9000}) = 0', 'CAP_SYS_RESOURCE'],
  ['signals with a value', 'rt_sigqueueinfo(77, SIGUSR1, {si_signo=SIGUSR1, si_code=SI_QUEUE}) = 0', 'CAP_KILL'],
  [
    "another's name under a message",
    'sendmsg(4, {msg_name=NULL, msg_namelen=0, msg_control=[{cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=77, uid=0, gid=0}}], msg_controllen=32}, 0) = 1',
    'CAP_SYS_ADMIN',
  ],
  [
    "another user's name under it",
    'sendmsg(4, {msg_name=NULL, msg_namelen=0, msg_control=[{cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=1, uid=110, gid=0}}], msg_controllen=32}, 0) = 1',
    'CAP_SETUID',
  ],
  ['packets that go first', 'setsockopt(3, SOL_SOCKET, SO_PRIORITY, [7], 4) = 0', 'CAP_NET_ADMIN'],
  ['tables of packet filters', 'getsockopt(3, SOL_IP, IPT_SO_GET_INFO, "filter", [84]) = 0', 'CAP_NET_ADMIN'],
  ['keys of IPsec', 'socket(AF_KEY, SOCK_RAW, PF_KEY_V2) = 3', 'CAP_NET_ADMIN'],
  ['dialling', 'openat(AT_FDCWD, "/dev/ppp", O_RDWR) = 3', 'CAP_NET_ADMIN'],
  [
    'messages of all namespaces',
    'setsockopt(3, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, [1], 4) = 0',
    'CAP_NET_BROADCAST',
  ],
  [
    'what auditing tells',
    'socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT) = 3\n1 bind(3, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=0x000001}, 12) = 0',
    'CAP_AUDIT_READ',
  ],
  [
    'rules of auditing',
    'sendto(3, [{nlmsg_len=60, nlmsg_type=AUDIT_SET, nlmsg_flags=NLM_F_REQUEST|NLM_F_ACK}], 60, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 60',
    'CAP_AUDIT_CONTROL',
  ],
  [
    'commands of generic netlink',
    'socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC) = 3\n1 sendto(3, [{nlmsg_len=20, nlmsg_type=0x17 /* NLMSG_??? */, nlmsg_flags=NLM_F_REQUEST}], 20, 0, NULL, 0) = 20',
    'CAP_NET_ADMIN',
  ],
  [
    'programs that look at the kernel',
    'bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_KPROBE, insn_cnt=2}, 148) = 3',
    'CAP_PERFMON',
  ],
  ['programs for packets', 'bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_XDP, insn_cnt=2}, 148) = 3', 'CAP_NET_ADMIN'],
  ["others' programs", 'bpf(BPF_PROG_GET_NEXT_ID, {start_id=0, next_id=3}, 148) = 0', 'CAP_SYS_ADMIN'],
  ['addresses of the kernel', 'openat(AT_FDCWD, "/proc/kallsyms", O_RDONLY) = 3', 'CAP_SYSLOG'],
  ["another process's environment", 'openat(AT_FDCWD, "/proc/77/environ", O_RDONLY) = 3', 'CAP_DAC_READ_SEARCH'],
  ['its descriptors', 'openat(AT_FDCWD, "/proc/77/fd", O_RDONLY|O_DIRECTORY) = 3', 'CAP_DAC_READ_SEARCH'],
  ['one of them', 'readlink("/proc/77/fd/3", "/srv/f", 4096) = 6', 'CAP_DAC_READ_SEARCH'],
  ['files as it sees them', 'openat(AT_FDCWD, "/proc/77/root/etc/hosts", O_RDONLY) = 3</etc/hosts>', 'CAP_SYS_PTRACE'],
  ['its mounts', 'setns(3, CLONE_NEWNS) = 0', 'CAP_SYS_CHROOT'],
  ['its mounts by name', 'openat(AT_FDCWD, "/proc/77/ns/mnt", O_RDONLY) = 3\n1 setns(3, 0) = 0', 'CAP_SYS_CHROOT'],
  ['a namespace in which it is root', 'openat(AT_FDCWD, "/proc/self/uid_map", O_WRONLY) = 3', 'CAP_SETFCAP'],
  ['a namespace for others', 'openat(AT_FDCWD, "/proc/77/gid_map", O_WRONLY) = 3', 'CAP_SETGID'],
  ['a terminal that was given away', 'chown("/dev/pts/7", 110, 5) = 0\n1 chmod("/dev/pts/7", 0620) = 0', 'CAP_FOWNER'],
  ["its threads' memory", 'openat(AT_FDCWD, "/proc/77/task/78/mem", O_RDONLY) = 3', 'CAP_SYS_PTRACE'],
  ['what it is worth', 'openat(AT_FDCWD, "/proc/77/oom_score_adj", O_WRONLY) = 3', 'CAP_DAC_OVERRIDE'],
] as const)
  test(`${needed}: ${what}`, t => {
    t.true(capabilities(`1 ${line}\n`, { host: CLEAN }, 0).includes(needed));
  });

for (const [what, log, uid] of [
  ['a process without root that kills its own', '1 kill(77, SIGTERM) = 0\n', 110],
  ['going back to the real uid', '1 setresuid(0, 110, 0) = 0\n1 setresuid(-1, 0, -1) = 0\n', 110],
  [
    'a limit that is lowered',
    '1 prlimit64(0, RLIMIT_NOFILE, NULL, {rlim_cur=1024, rlim_max=9000}) = 0\n1 prlimit64(0, RLIMIT_NOFILE, {rlim_cur=900, rlim_max=900}, NULL) = 0\n',
    0,
  ],
  ['a high port', '1 bind(3, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("0.0.0.0")}, 16) = 0\n', 0],
  ['an attribute of users', '1 setxattr("/srv/f", "user.mime", "x", 1, 0) = 0\n', 0],
  ['a pipe of the usual size', '1 fcntl(3, F_SETPIPE_SZ, 1048576) = 1048576\n', 0],
  ['its own processors', '1 sched_setaffinity(0, 8, [0 1]) = 0\n1 setpriority(PRIO_PROCESS, 0, 5) = 0\n', 0],
  [
    'those of a thread of its own',
    '1 clone3({flags=CLONE_VM|CLONE_THREAD|CLONE_SIGHAND, exit_signal=0}, 88) = 2\n2 gettid() = 2\n1 sched_setaffinity(2, 8, [0 1]) = 0\n',
    0,
  ],
  [
    'its own name under a message',
    '1 sendmsg(4, {msg_name=NULL, msg_namelen=0, msg_control=[{cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=1, uid=0, gid=0}}], msg_controllen=32}, 0) = 1\n',
    0,
  ],
  ['packets in the usual order', '1 setsockopt(3, SOL_SOCKET, SO_PRIORITY, [6], 4) = 0\n', 0],
  ['a timer', '1 timer_create(CLOCK_MONOTONIC, {sigev_signo=SIGALRM}, [0]) = 0\n', 0],
  [
    'the families of generic netlink',
    '1 socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC) = 3\n1 sendto(3, [{nlmsg_len=20, nlmsg_type=nlctrl, nlmsg_flags=NLM_F_REQUEST}], 20, 0, NULL, 0) = 20\n',
    0,
  ],
  ['the number of a process', '1 openat(AT_FDCWD, "/proc/77/stat", O_RDONLY) = 3\n', 0],
  ['a line for the kernel log', '1 openat(AT_FDCWD, "/dev/kmsg", O_WRONLY) = 3\n', 0],
  ['a call that failed', '1 chroot("/srv") = -1 EPERM (Operation not permitted)\n', 0],
  ['what is done after root was dropped', '1 mlock(0x7f0000000000, 4096) = 0\n', 110],
  [
    'a capset that drops a few of all',
    `1 capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=${Array.from({ length: 30 }, (_, i) => `1<<CAP_X${'A'.repeat(i)}`).join('|')}, inheritable=0}) = 0\n`,
    0,
  ],
] as const)
  test(`no capability: ${what}`, t => {
    const found = capabilities(log, { host: CLEAN }, uid);
    t.deepEqual(
      found.filter(name => name !== 'CAP_SETUID' || uid === 0),
      [],
    );
  });

test('openvpn keeps CAP_NET_ADMIN as another user: it needs what its capset(2) names, and no CAP_SETPCAP, whatever it says', t => {
  const capset = (names: string, inheritable = '0'): string =>
    `1 capset({version=_LINUX_CAPABILITY_VERSION_3, pid=1}, {effective=${names}, permitted=${names}, inheritable=${inheritable}}) = 0\n`;
  const log = `1 prctl(PR_SET_KEEPCAPS, 1) = 0
${capset('1<<CAP_SETGID|1<<CAP_SETUID|1<<CAP_NET_ADMIN')}1 setresgid(65534, 65534, 65534) = 0
1 setgroups(0, NULL) = 0
1 setresuid(65534, 65534, 65534) = 0
1 prctl(PR_SET_KEEPCAPS, 0) = 0
${capset('1<<CAP_NET_ADMIN', '1<<CAP_NET_ADMIN')}`;
  t.deepEqual(capabilities(log, { host: CLEAN }, 0), ['CAP_NET_ADMIN', 'CAP_SETGID', 'CAP_SETUID']);
});

test("root needs to be root only for other users' private files, and only what it lacks", t => {
  const host = owned({
    '/var/lib/app': [110, 0o755],
    '/var/lib/app/key': [110, 0o600],
    '/var/lib/app/open': [110, 0o644],
    '/srv/in': [110, 0o700],
  });
  const read = (path: string): string => `1 openat(AT_FDCWD, "${path}", O_RDONLY) = 3\n`;
  t.deepEqual(capabilities(read('/var/lib/app/open'), { host }, 0), []);
  t.deepEqual(capabilities(read('/var/lib/app/key'), { host }, 0), ['CAP_DAC_READ_SEARCH']);
  t.deepEqual(capabilities(read('/srv/in/x'), { host }, 0), ['CAP_DAC_READ_SEARCH']);
  t.deepEqual(
    capabilities('1 openat(AT_FDCWD, "/var/lib/app/new", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3\n', { host }, 0),
    ['CAP_DAC_OVERRIDE'],
  );
  t.deepEqual(capabilities('1 chmod("/var/lib/app/key", 0640) = 0\n', { host }, 0), ['CAP_FOWNER']);
  t.deepEqual(capabilities(read('/var/lib/app/key'), { host }, 110), []);
});

test('a directory that root made and gave away is no longer root’s, also where it is gone by now', t => {
  const made = '1 mkdir("/run/app", 0755) = 0\n';
  const given = '1 chown("/run/app", 110, 110) = 0\n';
  const bind = '1 bind(3, {sa_family=AF_UNIX, sun_path="/run/app/sock"}, 110) = 0\n';
  const asRoot = (log: string, host: HostView): string[] =>
    capabilities(log, { host }, 0).filter(name => name === 'CAP_DAC_OVERRIDE');
  const gone = { ...CLEAN, owner: (path: string) => (path.startsWith('/run/app') ? null : CLEAN.owner(path)) };
  t.deepEqual(asRoot(made + given + bind, gone), ['CAP_DAC_OVERRIDE']);
  t.deepEqual(asRoot(made + bind, gone), []);
  t.deepEqual(asRoot(made + given + bind, CLEAN), []);
});

test('on an unknown host the doubt stays, and is said', t => {
  const { directives } = proposal('1 openat(AT_FDCWD, "/var/lib/app/f", O_WRONLY) = 3\n', {}, 0);
  const bounding = directives.find(({ name }) => name === 'CapabilityBoundingSet');
  t.true(bounding?.value.includes('CAP_DAC_OVERRIDE'));
  t.regex(bounding?.wider ?? '', /CAP_DAC_OVERRIDE/);
});

test('whether a program waits is a matter of time: it may, and that is said to be wider', t => {
  const filter = (log: string): { value: string; wider: string } | undefined => {
    const found = proposal(log).directives.find(({ name }) => name === 'SystemCallFilter');
    return found === undefined ? undefined : { value: found.value, wider: found.wider ?? '' };
  };
  const some = filter('1 poll([{fd=3, events=POLLIN}], 1, -1) = 1\n1 chroot("/srv") = 0\n');
  t.is(some?.value, 'chroot poll ppoll pselect6 rt_sigaction rt_sigprocmask select tgkill tkill');
  t.regex(some?.wider ?? '', /^7 calls .*select pselect6 ppoll \(waiting\)$/);
});

test('threads need clone where RestrictNamespaces= turns clone3 away', t => {
  const policy = proposal('1 clone3({flags=CLONE_VM|CLONE_THREAD|CLONE_SIGHAND, exit_signal=0}, 88) = 2\n');
  const [filter = ''] = values(policy, 'SystemCallFilter');
  t.true(filter.split(' ').includes('clone'));
  t.regex(policy.directives.find(({ name }) => name === 'SystemCallFilter')?.wider ?? '', /clone3/);
});

test('a call outside the list gets ENOSYS, and no line gives a call an errno of its own', t => {
  for (const syscalls of ['exact', 'groups'] as const) {
    const policy = proposal('1 clone(child_stack=0x1, flags=CLONE_VM) = 2\n1 stat("/etc/f", {st_mode=0}) = 0\n', {
      syscalls,
    });
    t.deepEqual(values(policy, 'SystemCallErrorNumber'), ['ENOSYS']);
    // `~call:ENOSYS` beside an allow-list ends in 228/SECCOMP from systemd 255 on.
    t.is(values(policy, 'SystemCallFilter').length, 1);
    t.notRegex(renderFullDropin(policy), /^SystemCallFilter=.*[~:]/m);
  }
});

test('a call that strace could only number is allowed by its name; one that nobody can name is said to fail', t => {
  const policy = proposal('1 syscall_0x1c4(0xffffff9c, 0x5637, 0x180, 0x100, 0, 0) = 0\n1 syscall_0x3e7(0, 0) = 0\n');
  t.true(values(policy, 'SystemCallFilter')[0]?.split(' ').includes('fchmodat2'));
  t.deepEqual(
    policy.notes.flatMap(({ text }) => (text.includes('no name') ? [text] : [])),
    ['systemd has no name for syscall_0x3e7, so no filter can allow it: inside the sandbox the call fails (ENOSYS)'],
  );
});

test('Type=exec needs write, by which systemd itself tells that it started', t => {
  const service = { owner: { uid: 0, gid: 0 }, runtimeDirectories: [], type: 'exec', ambient: [], commands: [] };
  const calls = (given: Partial<Target>): string[] =>
    values(proposal('1 getpid() = 1\n', given), 'SystemCallFilter').flatMap(value => value.split(' '));
  t.true(calls({ service }).includes('write'));
  t.false(calls({}).includes('write'));
});

test('with User= no filter is proposed for a service that runs set-id programs: it would bring NoNewPrivileges=', t => {
  const seen = learn('1 getpid() = 1\n');
  const evidence = seen.facts[0]?.evidence;
  if (evidence === undefined) return t.fail();
  const profile: Profile = {
    ...seen,
    facts: [...seen.facts, { kind: 'feature', name: 'setuid-exec', value: '/usr/bin/passwd', evidence }],
  };
  const service = {
    user: 'app',
    uid: 110,
    owner: { uid: 110, gid: 111 },
    runtimeDirectories: [],
    ambient: [],
    commands: [],
  };
  const policy = derive(profile, { ...target, service });
  for (const { name } of policy.directives) t.not(DIRECTIVE_ROWS.get(name)?.seccomp, true, name);
  t.true(policy.withheld.some(({ name, evidence: [reason] }) => name === 'SystemCallFilter' && reason !== undefined));
  t.true(derive(profile, target).directives.some(({ name }) => name === 'SystemCallFilter'));
});

test('a program that the service started and that is not on this machine may be set-id: NoNewPrivileges= is withheld, and a check lets it pass', t => {
  const daemon = '1 execve("/usr/sbin/elsewhere", ["elsewhere"], 0x1 /* 0 vars */) = 0\n1 getpid() = 1\n';
  const helper = '1 execve("/usr/libexec/elsewhere/helper", ["helper"], 0x1 /* 0 vars */) = 0\n';
  const replayed = (log: string): Profile => {
    const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/', inspect: () => null });
    observer.push(Buffer.from(log));
    observer.end();
    return observer.snapshot();
  };
  t.deepEqual(values(derive(replayed(daemon), target), 'NoNewPrivileges'), ['yes']);
  const profile = replayed(daemon + helper);
  const policy = derive(profile, target);
  t.deepEqual(values(policy, 'NoNewPrivileges'), []);
  t.regex(
    renderFullDropin(policy),
    /NoNewPrivileges=yes: perhaps ran the set-id program \/usr\/libexec\/elsewhere\/helper · log:3 execve/,
  );
  t.true(
    profile.facts.some(
      fact =>
        fact.kind === 'blind' && /helper cannot be read on this machine: .* whether it is set-uid/.test(fact.what),
    ),
  );
  const at = { file: 'unit', line: 1 };
  const hardened = sandboxOf([{ section: 'Service', name: 'NoNewPrivileges', value: 'yes', at }], target);
  t.deepEqual(check(profile, hardened).violations, []);
  // Attached to a service that runs already: what it starts first is no more its main program than what it starts later.
  t.deepEqual(values(derive(replayed(`1 getpid() = 1\n${helper}`), target), 'NoNewPrivileges'), []);
});

test('a program with file capabilities that root started first, and then another user, gains by them the second time', t => {
  const capabilities = { names: ['CAP_NET_RAW'], effective: true };
  const inspect = () => ({ needs: [], setId: false, setUid: false, capabilities });
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/', uid: 0, inspect });
  const ping = '1 execve("/usr/bin/ping", ["ping"], 0x1 /* 0 vars */) = 0\n';
  observer.push(Buffer.from(`${ping}1 setuid(110) = 0\n${ping}`));
  observer.end();
  t.deepEqual(values(derive(observer.snapshot(), target), 'NoNewPrivileges'), []);
});

test('a program with file capabilities needs them in the bounding set, whoever the user is', t => {
  const capabilities = { names: ['CAP_NET_RAW'], effective: true };
  const observer = new Observer({
    id: 'run',
    trace: 'log',
    mode: 'complete',
    cwd: '/',
    uid: 0,
    inspect: () => ({ needs: [], setId: false, setUid: false, capabilities }),
  });
  observer.push(Buffer.from('1 execve("/usr/bin/ping", ["ping"], 0x1 /* 0 vars */) = 0\n'));
  observer.end();
  const profile = observer.snapshot();
  const policy = derive(profile, target);
  t.deepEqual(values(policy, 'CapabilityBoundingSet'), ['CAP_NET_RAW']);
  t.regex(renderFullDropin(policy), /net_raw \(execve: a file capability of \/usr\/bin\/ping\)/);
  // Root gains nothing by them.
  t.deepEqual(values(policy, 'NoNewPrivileges'), ['yes']);
  const denied = (...settings: (readonly [name: string, value: string])[]): string[] => {
    const lines = settings.map(([name, value], line) => ({
      section: 'Service',
      name,
      value,
      at: { file: 'unit', line },
    }));
    return check(profile, sandboxOf(lines, target)).violations.map(({ outcome, by }) => `${by.name}: ${outcome}`);
  };
  t.deepEqual(denied(['CapabilityBoundingSet', '']), ['CapabilityBoundingSet: EPERM']);
  t.deepEqual(denied(['User', 'app'], ['CapabilityBoundingSet', 'CAP_NET_RAW']), []);
});

test('the larger buffer that libsystemd would like is no reason for CAP_NET_ADMIN; any other buffer is', t => {
  const asked = (family: string, size: number): string =>
    `1 socket(${family}, SOCK_DGRAM|SOCK_CLOEXEC, 0) = 3\n1 setsockopt(3, SOL_SOCKET, SO_SNDBUFFORCE, [${size}], 4) = 0\n`;
  const notify = asked('AF_UNIX', 8388608);
  t.deepEqual(capabilities(notify), []);
  t.regex(
    renderFullDropin(proposal(notify)),
    /CAP_NET_ADMIN is used for setsockopt SO_SNDBUFFORCE .*, but libsystemd takes/,
  );
  t.deepEqual(capabilities(asked('AF_UNIX', 4194304)), ['CAP_NET_ADMIN']);
  t.deepEqual(capabilities(asked('AF_NETLINK', 8388608)), ['CAP_NET_ADMIN']);
  // The same words about another socket are another call.
  t.deepEqual(capabilities(notify + asked('AF_NETLINK', 8388608)), ['CAP_NET_ADMIN']);
  const at = { file: 'unit', line: 1 };
  const none = sandboxOf([{ section: 'Service', name: 'CapabilityBoundingSet', value: '', at }], target);
  t.deepEqual(check(learn(notify), none).violations, []);
});

test('calls of 32 bit programs are allowed by name, and the architecture is not closed', t => {
  const policy = proposal('1 [ Process PID=1 runs in 32 bit mode. ]\n1 socketcall(1, 0xff) = 3\n');
  t.true(values(policy, 'SystemCallFilter').some(value => value.split(' ').includes('socketcall')));
  t.deepEqual(values(policy, 'SystemCallArchitectures'), []);
  t.true(policy.directives.some(({ wider }) => wider?.includes('another architecture') === true));
});

test('a trial logs what is outside the list, @default left out, and refuses nothing', t => {
  const policy = proposal('1 chroot("/srv") = 0\n', { trial: true });
  t.deepEqual(values(policy, 'SystemCallLog'), [
    '~@default chroot poll ppoll pselect6 rt_sigaction rt_sigprocmask select tgkill tkill',
  ]);
  t.deepEqual(values(policy, 'SystemCallFilter'), []);
});

test('groups say what they add, and dangerous ones are never taken whole', t => {
  const log = [
    'mount("a", "/b", "c", 0, NULL)',
    'umount2("/b", 0)',
    'fsync(3)',
    'fdatasync(3)',
    'sync()',
    'msync(0x7f0000000000, 1, MS_SYNC)',
  ]
    .map(call => `1 ${call} = 0\n`)
    .join('');
  const [filter] = proposal(log, { syscalls: 'groups' }).directives.filter(({ name }) => name === 'SystemCallFilter');
  t.true(filter?.value.split(' ').includes('@sync'));
  t.false(filter?.value.includes('@mount'));
  t.regex(filter?.wider ?? '', /@sync adds sync_file_range\b/);
});

test('ports: the ones that were bound, any of a kind where chance chose', t => {
  const bind = (port: number): string =>
    `1 bind(3, {sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("0.0.0.0")}, 16) = 0\n`;
  const log = '1 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\n';
  t.deepEqual(values(proposal(`${log}${bind(25)}`), 'SocketBindAllow'), ['ipv4:tcp:25']);
  t.deepEqual(values(proposal(`${log}${bind(25)}${bind(0)}`), 'SocketBindAllow'), ['ipv4:tcp']);
  t.deepEqual(values(proposal('1 getpid() = 1\n'), 'SocketBindDeny'), ['any']);
});

test('addresses only on request, and not for a service that anybody may connect to', t => {
  const connect = '1 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = 0\n';
  const open = '1 socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 3\n';
  t.deepEqual(values(proposal(open + connect), 'IPAddressAllow'), []);
  t.deepEqual(values(proposal(open + connect, { addresses: true }), 'IPAddressAllow'), ['192.0.2.1']);
  const listening = '1 bind(3, {sa_family=AF_INET, sin_port=htons(25), sin_addr=inet_addr("0.0.0.0")}, 16) = 0\n';
  t.deepEqual(values(proposal(open + connect + listening, { addresses: true }), 'IPAddressAllow'), []);
});

test('devices: closed, or listed when others than the usual ones were opened', t => {
  t.deepEqual(values(proposal('1 openat(AT_FDCWD, "/dev/urandom", O_RDONLY) = 3\n'), 'DevicePolicy'), ['closed']);
  const fuse = proposal('1 openat(AT_FDCWD, "/dev/fuse", O_RDWR) = 3\n');
  t.deepEqual(values(fuse, 'DeviceAllow'), ['/dev/fuse rw']);
  for (const name of ['PrivateDevices', 'DevicePolicy', 'ProtectClock'])
    t.true(
      fuse.withheld.some(one => one.name === name),
      `${name}: a cgroup rule would refuse /dev/fuse`,
    );
});

test('a device that a shell redirects to is opened, not made, and stands in no way', t => {
  const shell = proposal('1 openat(AT_FDCWD, "/dev/null", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3\n');
  t.deepEqual(values(shell, 'PrivateDevices'), ['yes']);
  t.deepEqual(values(shell, 'UMask'), ['0077']);
  const file = proposal('1 openat(AT_FDCWD, "/dev/made", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3\n');
  t.deepEqual(values(file, 'PrivateDevices'), []);
  t.deepEqual(values(proposal('1 unlink("/dev/null") = 0\n'), 'PrivateDevices'), []);
});

test('umask: what was made for others keeps its permissions, unless it set its own', t => {
  t.deepEqual(values(proposal('1 openat(AT_FDCWD, "/srv/f", O_WRONLY|O_CREAT, 0600) = 3\n'), 'UMask'), ['0077']);
  t.deepEqual(values(proposal('1 openat(AT_FDCWD, "/srv/f", O_WRONLY|O_CREAT, 0640) = 3\n'), 'UMask'), ['0027']);
  t.deepEqual(values(proposal('1 mkdir("/srv/d", 0755) = 0\n'), 'UMask'), []);
  t.deepEqual(values(proposal('1 umask(077) = 022\n1 mkdir("/srv/d", 0755) = 0\n'), 'UMask'), ['0077']);
  t.deepEqual(values(proposal('1 umask(077) = 022\n1 umask(022) = 077\n1 mkdir("/srv/d", 0755) = 0\n'), 'UMask'), []);
});

test('a PID file is for the manager: it does not count as made for others', t => {
  t.deepEqual(values(proposal('1 openat(AT_FDCWD, "/run/x.pid.tmp", O_WRONLY|O_CREAT, 0644) = 3\n'), 'UMask'), [
    '0077',
  ]);
});

test('a namespace of users only for a service that needs no capability, no other user and no names of peers', t => {
  const kernel: Target['kernel'] = new Set(['user-namespaces']);
  const without = (log: string): boolean =>
    values(proposal(log, { host: CLEAN, kernel }, 0), 'PrivateUsers').length === 0;
  t.false(without('1 getpid() = 1\n'));
  t.true(without('1 setresuid(110, 110, 110) = 0\n'));
  // Root of a user namespace may change its root.
  t.false(without('1 chroot("/srv") = 0\n'));
  t.true(without('1 getsockopt(4, SOL_SOCKET, SO_PEERCRED, {pid=1, uid=0, gid=0}, [12]) = 0\n'));
  const { withheld } = proposal('1 getpid() = 1\n', { host: CLEAN });
  t.regex(
    withheld.find(({ name }) => name === 'PrivateUsers')?.because ?? '',
    /would not start/,
    'a kernel that may refuse',
  );
});

test('a service that starts as root only to drop it gets a hint, never a directive', t => {
  const { notes, directives } = proposal(
    '1 bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = 0\n1 setgroups(1, [33]) = 0\n1 setresuid(33, 33, 33) = 0\n',
    { host: CLEAN },
    0,
  );
  t.true(
    notes.some(
      ({ kind, text }) => kind === 'hint' && text.includes('User=33 with AmbientCapabilities=CAP_NET_BIND_SERVICE'),
    ),
  );
  t.false(directives.some(({ name }) => name === 'User' || name === 'AmbientCapabilities'));
});

const BECOMES_33 = '1 setgroups(1, [33]) = 0\n1 setresgid(33, 33, 33) = 0\n1 setresuid(33, 33, 33) = 0\n';
const asUser = (uid: number): { name: string; gid: number; group: string } => ({
  name: `u${uid}`,
  gid: uid,
  group: 'g',
});

test('--as-user starts the service as the user it becomes, with what he needs, and says that this is an assumption', t => {
  const log = `1 bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = 0
1 openat(AT_FDCWD, "/etc/app.conf", O_RDONLY) = 3\n${BECOMES_33}`;
  const made = proposal(log, { host: CLEAN, asUser }, 0);
  t.deepEqual(values(made, 'User'), ['u33']);
  t.deepEqual(values(made, 'Group'), ['g']);
  t.deepEqual(values(made, 'CapabilityBoundingSet'), ['CAP_NET_BIND_SERVICE']);
  t.deepEqual(values(made, 'AmbientCapabilities'), ['CAP_NET_BIND_SERVICE']);
  t.true(made.target.asUser);
  t.true(made.notes.some(({ kind, text }) => kind === 'assumption' && text.includes('started as u33')));
  t.true(values(made, 'SystemCallFilter').some(value => value.includes('setresuid')));
});

test("--as-user: what is the user's already needs no root, and is his when systemd makes it", t => {
  const log = `1 rename("/run/app/pid.tmp", "/run/app/pid") = 0\n${BECOMES_33}`;
  const made = proposal(log, { host: owned({ '/run/app': [33, 0o755] }), asUser }, 0);
  t.deepEqual(values(made, 'User'), ['u33']);
  t.deepEqual(values(made, 'CapabilityBoundingSet'), ['']);
});

for (const [what, log, because] of [
  ["a file that is only root's", '1 openat(AT_FDCWD, "/etc/key", O_RDONLY) = 3\n', /to read \/etc\/key/],
  [
    'a PID file in /run itself',
    '1 openat(AT_FDCWD, "/run/x.pid", O_WRONLY|O_CREAT, 0644) = 3\n',
    /to create \/run\/x.pid/,
  ],
  ['a capability equivalent to root', '1 mount("a", "/b", "tmpfs", 0, NULL) = 0\n', /CAP_SYS_ADMIN/],
  ['a second user', '1 setresuid(34, 34, 34) = 0\n', /more than one user/],
] as const)
  test(`--as-user: ${what} keeps root, and the proposal says why`, t => {
    const made = proposal(log + BECOMES_33, { host: owned({ '/etc/key': [0, 0o600] }), asUser }, 0);
    t.deepEqual(values(made, 'User'), []);
    t.regex(made.withheld.find(({ name }) => name === 'User')?.because ?? '', because);
    t.true(made.notes.some(({ text }) => text.startsWith('--as-user: it has to start as root')));
    t.false(made.notes.some(({ kind }) => kind === 'hint'));
  });

test('strict leaves /run read-only, whatever else makes it a mount of its own; what is in it stays so beside a PID file', t => {
  t.true(values(proposal('1 getpid() = 1\n'), 'ReadOnlyPaths').includes('-/run'));
  const pid = values(proposal('1 openat(AT_FDCWD, "/run/x.pid", O_WRONLY|O_CREAT, 0644) = 3\n'), 'ReadOnlyPaths');
  t.deepEqual(pid, ['-/run/systemd', '-/dev/shm']);
});

test('what a debugger does cannot be seen while strace debugs it: that is a blind spot', t => {
  const told = (log: string): boolean =>
    proposal(log).notes.some(({ kind, text }) => kind === 'blind' && text.includes('ptrace(2)'));
  t.true(told('1 ptrace(PTRACE_TRACEME) = -1 EPERM (Operation not permitted)\n'));
  t.false(told('1 getpid() = 1\n'));
});

test('the host name is protected also as a file of /proc, unless that is written', t => {
  const open = (flags: string): Policy => proposal(`1 openat(AT_FDCWD, "/proc/sys/kernel/hostname", ${flags}) = 3\n`);
  t.deepEqual(values(open('O_RDONLY'), 'ProtectHostname'), ['yes']);
  t.deepEqual(values(open('O_WRONLY'), 'ProtectHostname'), []);
});

test('of /proc only processes, unless other names are used: /proc/mounts is one of them', t => {
  t.deepEqual(values(proposal('1 openat(AT_FDCWD, "/proc/self/status", O_RDONLY) = 3\n'), 'ProcSubset'), ['pid']);
  t.deepEqual(values(proposal('1 openat(AT_FDCWD, "/proc/mounts", O_RDONLY) = 3</proc/1/mounts>\n'), 'ProcSubset'), []);
});

test('commands of the unit that were never seen are asked about', t => {
  const service = {
    owner: { uid: 0, gid: 0 },
    runtimeDirectories: [],
    ambient: [],
    commands: [
      { name: 'ExecReload', program: '/bin/kill', unconfined: false },
      { name: 'ExecStartPre', program: '/bin/mkdir', unconfined: true },
    ],
  };
  const texts = proposal('1 getpid() = 1\n', { service }).notes.map(({ text }) => text);
  t.true(texts.some(text => text.startsWith('ExecReload=/bin/kill')));
  t.false(texts.some(text => /^ExecStartPre.*was not observed/.test(text)));
});

test('a command that is named without a path was seen to run where systemd would find it', t => {
  const service = {
    owner: { uid: 0, gid: 0 },
    runtimeDirectories: [],
    ambient: [],
    commands: ['find', 'sleep'].map(program => ({ name: 'ExecStart', program, unconfined: false })),
  };
  const log = '1 execve("/usr/bin/find", ["find"], 0x1 /* 0 vars */) = 0\n1 getpid() = 1\n';
  const texts = proposal(log, { service }).notes.map(({ text }) => text);
  t.false(texts.some(text => text.startsWith('ExecStart=find')));
  t.true(texts.some(text => text.startsWith('ExecStart=sleep') && text.includes('was not observed')));
});

test('a command in which nothing was first seen is asked about, be its program known from another one', t => {
  const observer = new Observer({ id: 'run', trace: 'd.service', mode: 'seccomp', cwd: '/' });
  const shell = (pid: number): string => `${pid} 1795876934.822370 execve("/bin/sh", ["sh"], 0x1 /* 0 vars */) = 0`;
  observer.file('d.service ExecStart', undefined, LIVE_LAYOUT).line(shell(1));
  const commands = ['ExecStart', 'ExecStopPost'].map(name => ({ name, program: '/bin/sh', unconfined: false }));
  const service = { owner: { uid: 0, gid: 0 }, runtimeDirectories: [], ambient: [], commands };
  const { notes } = derive(observer.snapshot(), { ...target, service });
  t.deepEqual(
    notes.flatMap(({ text }) => (text.startsWith('Exec') ? [text] : [])),
    ['ExecStopPost=/bin/sh runs in the same sandbox, and there is no evidence that it ran: it may fail'],
  );
});

test('values that came later are left out for older systemds, and that is said', t => {
  const old = proposal('1 getpid() = 1\n', { systemd: 240 });
  t.deepEqual(values(old, 'RestrictAddressFamilies'), []);
  t.true(
    old.notes.some(
      ({ kind, text }) => kind === 'version' && text.includes('RestrictAddressFamilies=none (systemd 249)'),
    ),
  );
  t.deepEqual(values(proposal('1 getpid() = 1\n', { systemd: 231 }), 'ProtectSystem'), []);
});

test('lists that allow are emptied first, so that the drop-in means what it says', t => {
  const text = renderFullDropin(proposal('1 chroot("/srv") = 0\n'));
  for (const name of ['SystemCallFilter', 'CapabilityBoundingSet'])
    t.regex(text, new RegExp(`^${name}=\\n${name}=\\S`, 'm'));
});

/** What a proposal makes of everything but paths, as `check` sees it. */
function violations(seen: Profile): string[] {
  const { directives } = derive(seen, target);
  const assignments = directives.map(({ section, name, value }, line) => ({
    section,
    name,
    value: withoutSpecifiers(value, target),
    at: { file: 'proposal', line },
  }));
  return check(seen, sandboxOf(assignments, target))
    .violations.filter(({ access }) => access.kind !== 'path' && access.kind !== 'move')
    .map(({ access, outcome, by }) => `${by.name}=${by.value}: ${outcome} ${JSON.stringify(access)}`);
}

test('[law] checking a profile against its own proposal finds nothing', t => {
  fc.assert(
    fc.property(anyProfile, seen => t.deepEqual(violations(seen), [])),
    { numRuns: 60 },
  );
});

test('what systemd was built without is written down, and said not to be enforced', t => {
  const { notes } = proposal('1 getpid() = 1\n', { without: new Set(['BPF_FRAMEWORK']) });
  t.true(notes.some(({ text }) => text.startsWith('SocketBindDeny= is not enforced here: this')));
  t.false(proposal('1 getpid() = 1\n').notes.some(({ text }) => text.includes('not enforced')));
});

test('every directive is proposed, or the table says why never', t => {
  for (const [name, row] of DIRECTIVE_ROWS)
    if (row.kind === 'other')
      t.true(
        row.never !== undefined || row.always !== undefined || ['RemoveIPC', 'UMask', 'PrivatePIDs'].includes(name),
        name,
      );
});

test('what a unit gives a user is kept where the log cannot show what he needs it for, and that is said', t => {
  const service = {
    user: 'app',
    uid: 110,
    owner: { uid: 110, gid: 111 },
    runtimeDirectories: [],
    ambient: ['CAP_DAC_READ_SEARCH', 'CAP_IPC_LOCK', 'CAP_SYS_TIME'],
    commands: [],
  };
  const log = '1 openat(AT_FDCWD, "/etc/shadow", O_RDONLY) = 3\n1 mlockall(MCL_CURRENT) = 0\n';
  const policy = proposal(log, { service }, 110);
  t.deepEqual(values(policy, 'AmbientCapabilities'), ['CAP_DAC_READ_SEARCH CAP_IPC_LOCK']);
  t.deepEqual(values(policy, 'CapabilityBoundingSet'), ['CAP_DAC_READ_SEARCH CAP_IPC_LOCK']);
  t.deepEqual(values(policy, 'PrivateUsers'), []);
  for (const name of ['AmbientCapabilities', 'CapabilityBoundingSet'])
    t.regex(
      policy.directives.findLast(one => one.name === name)?.wider ?? '',
      /CAP_DAC_READ_SEARCH, CAP_IPC_LOCK were/,
    );
});

test('ambient capabilities of the unit are narrowed to those that were needed', t => {
  const service = {
    user: 'app',
    uid: 110,
    owner: { uid: 110, gid: 111 },
    runtimeDirectories: [],
    ambient: ['CAP_NET_BIND_SERVICE', 'CAP_CHOWN'],
    commands: [],
  };
  const bind = '1 bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = 0\n';
  const policy = proposal(bind, { service });
  t.deepEqual(values(policy, 'AmbientCapabilities'), ['CAP_NET_BIND_SERVICE']);
  t.true(policy.notes.some(({ text }) => text.startsWith('CAP_CHOWN')));
  t.deepEqual(values(proposal(bind), 'AmbientCapabilities'), []);
});

test('IPv4 and IPv6 count as one family, said as broader; an exact list does not', t => {
  const log = '1 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\n';
  const [line] = proposal(log, { syscalls: 'equal' }).directives.filter(
    ({ name }) => name === 'RestrictAddressFamilies',
  );
  t.is(line?.value, 'AF_INET AF_INET6');
  t.regex(line?.wider ?? '', /^AF_INET6 was not observed: /);
  t.deepEqual(values(proposal(log), 'RestrictAddressFamilies'), ['AF_INET']);
  t.deepEqual(
    values(proposal('1 socket(AF_UNIX, SOCK_STREAM, 0) = 3\n', { syscalls: 'equal' }), 'RestrictAddressFamilies'),
    ['AF_UNIX'],
  );
});

const NOTIFYING = {
  owner: { uid: 0, gid: 0 },
  runtimeDirectories: [],
  ambient: [],
  type: 'notify',
  commands: [{ name: 'ExecStart', program: '/usr/sbin/app', unconfined: false }],
};
const APP = `1 execve("/usr/sbin/app", ["app"], 0x7f /* 3 vars */) = 0
1 rt_sigaction(SIGTERM, {sa_handler=0x55d0, sa_mask=[], sa_flags=0}, NULL, 8) = 0
`;
const onTrixie = {
  systemd: 257,
  service: NOTIFYING,
  unit: 'app.service',
  kernel: new Set(['PID-namespaces', 'user-namespaces'] as const),
};
const pids = (log: string, over: Partial<Target> = {}): readonly [string[], string | undefined] => {
  const policy = proposal(log, { ...onTrixie, ...over });
  return [values(policy, 'PrivatePIDs'), policy.withheld.find(({ name }) => name === 'PrivatePIDs')?.because];
};

test('a main process that handles SIGTERM may be the first of a namespace', t => {
  t.deepEqual(pids(APP), [['yes'], undefined]);
  t.deepEqual(pids(APP.replace('SIGTERM', 'SIGINT'), { service: { ...NOTIFYING, stopSignal: 'SIGINT' } })[0], ['yes']);
  const blocked = APP.replace(/1 rt_sig.*/, '1 signalfd4(-1, [INT TERM], 8, SFD_CLOEXEC) = 3');
  t.deepEqual(pids(blocked)[0], ['yes']);
  t.deepEqual(pids(APP, { systemd: 254 }), [[], undefined], 'a release that does not know it');
});

const WITHHELD: readonly (readonly [why: RegExp, log: string, over: Partial<Target>])[] = [
  [/would ignore SIGTERM/, APP.replace('SIGTERM', 'SIGHUP'), {}],
  [/would ignore SIGTERM/, APP.replace('0x55d0', 'SIG_DFL'), {}],
  [/would ignore SIGTERM/, `${APP.replace('1 rt_sig', '2 rt_sig').replace('\n', '\n1 fork() = 2\n')}`, {}],
  [
    /would ignore SIGTERM/,
    APP,
    { service: { ...NOTIFYING, commands: [{ name: 'ExecStart', program: '/usr/bin/wrapper', unconfined: false }] } },
  ],
  [/Type=forking/, APP, { service: { ...NOTIFYING, type: 'forking' } }],
  [
    /ExecReload=\/bin\/kill would run in a namespace of its own/,
    APP,
    {
      service: {
        ...NOTIFYING,
        commands: [...NOTIFYING.commands, { name: 'ExecReload', program: '/bin/kill', unconfined: false }],
      },
    },
  ],
  [/^PIDFile=/, APP, { service: { ...NOTIFYING, aboutPids: ['PIDFile=/run/app.pid'] } }],
  [/the number that it has outside/, APP, { service: { ...NOTIFYING, givesByPid: ['WatchdogSec=20'] } }],
  [/hold the number of a process/, `${APP}1 openat(AT_FDCWD, "/run/app.pid", O_WRONLY|O_CREAT, 0644) = 3\n`, {}],
  [/other processes do not exist/, `${APP}1 kill(77, SIGHUP) = 0\n`, {}],
  [/other processes do not exist/, `${APP}1 openat(AT_FDCWD, "/proc/77/stat", O_RDONLY) = 3\n`, {}],
  [/other processes do not exist/, `${APP}1 +++ killed by SIGTERM +++\n`, {}],
  [/would have to wait for it/, `${APP}1 fork() = 2\n2 fork() = 3\n`, {}],
  [/looked into/, `${APP}1 ptrace(PTRACE_SEIZE, 77, NULL, 0) = 0\n`, {}],
  [/without PID namespaces/, APP, { kernel: new Set<never>() }],
];
for (const [why, log, over] of WITHHELD)
  test(`no namespace of processes: ${why.source}, for ${log.split('\n').at(-2)} ${JSON.stringify(over)}`, t => {
    const [value, because] = pids(log, over);
    t.deepEqual(value, []);
    t.regex(because ?? '', why);
  });

test('without the unit nothing is known that PrivatePIDs= could rest on', t => {
  const { withheld } = proposal(APP, { systemd: 257 });
  t.regex(withheld.find(({ name }) => name === 'PrivatePIDs')?.because ?? '', /^without the unit/);
});

test('from systemd 262 on a watchdog is told the right number', t => {
  t.deepEqual(pids(APP, { systemd: 262, service: { ...NOTIFYING, givesByPid: ['WatchdogSec=20'] } })[0], ['yes']);
});

test('/tmp is disconnected where nothing in it was used and nobody is to share it', t => {
  const tmp = (log: string, over: Partial<Target> = {}): string[] =>
    values(proposal(log, { systemd: 257, ...over }), 'PrivateTmp');
  t.deepEqual(tmp(APP), ['disconnected']);
  t.deepEqual(tmp(APP, { systemd: 252 }), ['yes']);
  t.deepEqual(tmp(`${APP}1 openat(AT_FDCWD, "/tmp/x1", O_RDWR|O_CREAT|O_EXCL, 0600) = 3\n`), ['yes']);
  t.deepEqual(tmp(APP, { service: { ...NOTIFYING, joins: true } }), ['yes']);
});

test('before systemd 250 an umask closes the directories of an empty root to users', t => {
  const service = { ...NOTIFYING, user: 'app', uid: 110, umask: 0o007 };
  const paths = ['tmpfs'] as const;
  const roots = (over: Partial<Target>): string[] =>
    values(proposal(APP, { paths, service, host: CLEAN, ...over }), 'TemporaryFileSystem');
  t.deepEqual(roots({ systemd: 247 }), []);
  t.deepEqual(roots({ systemd: 252 }), ['/:ro']);
  t.deepEqual(roots({ systemd: 247, service: { ...service, umask: 0o022 } }), ['/:ro']);
  t.deepEqual(values(proposal(APP, { paths, host: CLEAN, systemd: 247 }), 'UMask'), []);
});

test('root needs a capability to enter a directory that somebody else has closed', t => {
  const closed = owned({ '/home/alice': [1000, 0o700] });
  t.true(capabilities('1 chroot("/home/alice") = 0\n', { host: closed }, 0).includes('CAP_DAC_READ_SEARCH'));
  const open = owned({ '/home/alice': [1000, 0o755] });
  t.false(capabilities('1 chroot("/home/alice") = 0\n', { host: open }, 0).includes('CAP_DAC_READ_SEARCH'));
});
