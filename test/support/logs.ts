// Generates logs for property tests: what a service may do, call by call, in the places that directives have views of their own about.

import fc from './fast-check.ts';

const from = (words: string): fc.Arbitrary<string> => fc.constantFrom(...words.trim().split(/\s+/));

const DIRECTORIES = `/tmp /var/tmp /run /run/app /run/user/0 /home /home/u /root /usr/lib/app /etc /etc/app /dev /dev/shm /srv /srv/a /srv/a/in
  /srv/a/out /var/lib /var/lib/app /var/log /var/log/app /opt/app /var/cache/app`;
const directory = from(DIRECTORIES);
const made = fc.tuple(directory, from('f g sub/f a%b')).map(parts => parts.join('/'));
const used = fc.oneof(
  { weight: 3, arbitrary: made },
  {
    weight: 2,
    arbitrary:
      from(`/dev/null /dev/urandom /dev/kmsg /dev/fuse /dev/rtc0 /dev/net/tun /dev/tty /dev/pts/0 /dev/ptmx /dev/sda /dev/kvm
      /proc/meminfo /proc/1/stat /proc/sys/kernel/hostname /proc/sys/vm/swappiness /proc/kmsg /proc/kallsyms /proc/self/status /proc/mounts
      /sys/fs/cgroup/x /sys/power/state /sys/class/x /usr/lib/modules/x /etc/passwd /etc/shadow /etc/resolv.conf /usr/bin/curl /bin/sh`),
  },
);
/** Names of files that nothing else is done to, and not in file systems of their own. */
const moved = fc
  .tuple(from('/tmp /var/tmp /home/u /root /etc /etc/app /srv/a/in /srv/a/out /var/lib/app /var/log'), from('m1 m2'))
  .map(parts => parts.join('/'));
const mapped = fc
  .tuple(from('/usr/lib/app /opt/app /var/lib/app /home/u /tmp /run/app'), from('l.so k.so'))
  .map(parts => parts.join('/'));
const program = from('/bin/sh /usr/bin/app /opt/app/run /usr/lib/app/helper /var/lib/app/tool /home/u/tool');
const peer = from(
  '/run/systemd/journal/socket /run/app/sock /tmp/.X11-unix/X0 /run/dbus/system_bus_socket /srv/a/sock',
);
const bound = from('/run/app/sock /run/x.sock /tmp/s /srv/a/sock /dev/shm/s');
/** Through a symlink: the name, and what it leads to. */
const linked = from(
  `/lib/app/z.so>/usr/lib/app/z.so /tmp/link>/srv/a/f2 /etc/linked.conf>/run/resolv.conf /srv/link>/var/lib/app/f2 /home/u/link>/srv/h
  /root/link>/opt/app/r`,
).map(pair => pair.split('>'));

/** Calls with the names that `%` stands for. */
// biome-ignore format: one call a line
const CALLS: readonly (readonly [text: string, ...names: fc.Arbitrary<string>[]])[] = [
  ['openat(AT_FDCWD, "%", O_RDONLY|O_CLOEXEC) = 9', used],
  ['openat(AT_FDCWD, "%", O_RDWR) = 9', used],
  ['openat(AT_FDCWD, "%", O_RDONLY|O_DIRECTORY) = 9', directory],
  ['openat(AT_FDCWD, "%", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 9', made],
  ['openat(AT_FDCWD, "%", O_WRONLY|O_CREAT|O_EXCL, 04755) = 9', made],
  ['stat("%", {st_mode=S_IFREG|0644, st_size=1, ...}) = 0', used],
  ['stat("%", {st_mode=S_IFDIR|0755, st_size=1, ...}) = 0', directory],
  ['mkdir("%", 0755) = 0', made],
  ['rmdir("%") = 0', made],
  ['unlink("%") = 0', made],
  ['symlink("target", "%") = 0', made],
  ['link("%", "%") = 0', moved, moved],
  ['rename("%", "%") = 0', moved, moved],
  ['chmod("%", 02755) = 0', made],
  ['chown("%", 33, 33) = 0', made],
  ['truncate("%", 0) = 0', made],
  ['utimensat(AT_FDCWD, "%", NULL, 0) = 0', made],
  ['setxattr("%", "user.x", "y", 1, 0) = 0', made],
  ['mknod("%", S_IFIFO|0600) = 0', made],
  ['mknod("%", S_IFCHR|0600, makedev(0x1, 0x3)) = 0', made],
  ['mmap(NULL, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_DENYWRITE, 9<%>, 0) = 0x7f0000000000', mapped],
  ['inotify_add_watch(9, "%", IN_MODIFY) = 1', used],
  ['chdir("%") = 0', directory],
  ['chroot("%") = 0', from('/srv/a /var/lib/app /run/app')],
  ['mount("tmpfs", "%", "tmpfs", 0, NULL) = 0', directory],
  ['umount2("%", 0) = 0', directory],
  ['execve("%", ["x"], 0x1 /* 0 vars */) = 0', program],
  ['connect(5, {sa_family=AF_UNIX, sun_path="%"}, 110) = 0', peer],
  ['bind(5, {sa_family=AF_UNIX, sun_path="%"}, 110) = 0', bound],
];

/** Calls without names. */
const OTHERS = `
socket(AF_UNIX, SOCK_STREAM, 0) = 5
socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 5
socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT) = 5
socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) = 5
socket(AF_ALG, SOCK_SEQPACKET, 0) = 5
socket(AF_VSOCK, SOCK_STREAM, 0) = 5
connect(5, {sa_family=AF_UNIX, sun_path=@"abstract"}, 12) = 0
setuid(1000) = 0
setresuid(33, 33, 33) = 0
setgroups(1, [33]) = 0
prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) = 0
prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) = 0
unshare(CLONE_NEWNS) = 0
unshare(CLONE_NEWUSER|CLONE_NEWNET) = 0
clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 77
setns(9, CLONE_NEWNET) = 0
mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000
mprotect(0x7f0000000000, 4096, PROT_READ|PROT_EXEC) = 0
personality(ADDR_NO_RANDOMIZE) = 0
sched_setscheduler(0, SCHED_FIFO, [5]) = 0
setpriority(PRIO_PROCESS, 0, -5) = 0
prlimit64(0, RLIMIT_NOFILE, {rlim_cur=100000, rlim_max=100000}, NULL) = 0
shmget(0x1, 4096, IPC_CREAT|0600) = 1
mq_open("/q", O_RDWR|O_CREAT, 0600, NULL) = 6
add_key("user", "x", "y", 1, KEY_SPEC_SESSION_KEYRING) = 1
clock_settime(CLOCK_REALTIME, {tv_sec=1, tv_nsec=0}) = 0
timerfd_create(CLOCK_REALTIME_ALARM, 0) = 9
sethostname("x", 1) = 0
syslog(SYSLOG_ACTION_READ_ALL, "", 10) = 0
init_module(0x5, 5, "") = 0
iopl(3) = 0
io_uring_setup(8, {flags=0}) = 7
mlockall(MCL_CURRENT) = 0
kill(4321, SIGTERM) = 0
ptrace(PTRACE_ATTACH, 4321) = 0
bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_SOCKET_FILTER, insn_cnt=2}, 120) = 8
getsockopt(5, SOL_SOCKET, SO_PEERCRED, {pid=1, uid=0, gid=0}, [12]) = 0
swapon("/swap", 0) = 0
open_by_handle_at(9, {handle_bytes=8, handle_type=1, f_handle=0x1}, O_RDONLY) = 9`
  .trim()
  .split('\n');

const named = fc
  .constantFrom(...CALLS)
  .chain(([text, ...names]) =>
    fc.tuple(...names).map(given => given.reduce((line, name) => line.replace('%', () => name), text)),
  );
const throughLink = fc
  .tuple(linked, from('O_RDONLY O_RDWR'))
  .map(([[name, leads], flags]) => `openat(AT_FDCWD</>, "${name}", ${flags}) = 9<${leads}>`);
/** With the socket that it is about. */
const internet = fc
  .constantFrom(
    'bind(5, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
    'bind(5, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
    'connect(5, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = 0',
  )
  .map(line => `socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 5\n${line}`);

const call = fc.oneof(
  { weight: 6, arbitrary: named },
  { weight: 2, arbitrary: fc.constantFrom(...OTHERS) },
  { weight: 1, arbitrary: throughLink },
  { weight: 1, arbitrary: internet },
);

/** A program that starts and does a few things, all of which succeed. */
export const log: fc.Arbitrary<string> = fc
  .array(call, { minLength: 1, maxLength: 10 })
  .map(
    calls => `${['execve("/usr/bin/app", ["app"], 0x1 /* 0 vars */) = 0', ...calls].join('\n').replace(/^/gm, '1 ')}\n`,
  );
