// Logs of other machines than x86-64: names of calls and orders of arguments. Written by hand after strace's tables of system calls
// (src/linux/MACHINE/syscallent.h) and what libc on each of them calls.

import test from 'ava';
import { FIRST_SETS } from '../../src/policy/syscall-sets.ts';
import { ROWS } from '../../src/process/syscalls.ts';
import { Observer } from '../../src/profile/observer.ts';
import { accessOf } from '../../src/profile/order.ts';
import type { Profile } from '../../src/profile/profile.ts';

function observe(text: string): Profile {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: '/srv', uid: 0 });
  observer.push(Buffer.from(text, 'latin1'));
  observer.end();
  return observer.snapshot();
}

const MACHINES: Readonly<Record<string, { log: string; seen: string[] }>> = {
  aarch64: {
    log: `7 execve("/usr/sbin/exampled", ["exampled"], 0xffffd5a1b2c8 /* 9 vars */) = 0
7 brk(NULL)                               = 0xaaaae0f2c000
7 faccessat(AT_FDCWD, "/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory)
7 openat(AT_FDCWD, "/lib/aarch64-linux-gnu/libc.so.6", O_RDONLY|O_CLOEXEC) = 3
7 newfstatat(3, "", {st_mode=S_IFREG|0755, st_size=1651408, ...}, AT_EMPTY_PATH) = 0
7 mmap(NULL, 1826912, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_DENYWRITE, 3, 0) = 0xffffb5a20000
7 mkdirat(AT_FDCWD, "made", 0700)         = 0
7 renameat(AT_FDCWD, "made", AT_FDCWD, "moved") = 0
7 unlinkat(AT_FDCWD, "old", 0)            = 0
7 dup3(3, 9, O_CLOEXEC)                   = 9
7 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0xffffb5bd30f0) = 8
8 openat(AT_FDCWD, "/srv/child", O_RDONLY) = 3
`,
    seen: [
      '{"kind":"path","mode":"map","path":"/lib/aarch64-linux-gnu/libc.so.6"}',
      '{"kind":"path","mode":"create","path":"/srv/moved","uid":0}',
      '{"kind":"move","call":"rename","from":"/srv/made","to":"/srv/moved"}',
      '{"kind":"path","mode":"read","path":"/srv/child","uid":0}',
    ],
  },
  arm: {
    log: `7 execve("/usr/sbin/exampled", ["exampled"], 0xbefffdf8 /* 9 vars */) = 0
7 set_tls(0xb6f2a4c0)                     = 0
7 ugetrlimit(RLIMIT_STACK, {rlim_cur=8192*1024, rlim_max=RLIM_INFINITY}) = 0
7 openat(AT_FDCWD, "/lib/arm-linux-gnueabihf/libc.so.6", O_RDONLY|O_LARGEFILE|O_CLOEXEC) = 3
7 statx(3, "", AT_STATX_SYNC_AS_STAT|AT_NO_AUTOMOUNT|AT_EMPTY_PATH, STATX_BASIC_STATS, {stx_mask=STATX_ALL}) = 0
7 mmap2(NULL, 1052752, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_DENYWRITE, 3, 0) = 0xb6d1c000
7 cacheflush(0xb6d1c000, 0xb6d1d000, 0)   = 0
7 fstatat64(AT_FDCWD, "looked", {st_mode=S_IFREG|0644, st_size=2, ...}, AT_SYMLINK_NOFOLLOW) = 0
7 _llseek(3, 0, [0], SEEK_SET)            = 0
7 fcntl64(3, F_DUPFD_CLOEXEC, 10)         = 10
7 fadvise64_64(3, POSIX_FADV_SEQUENTIAL, 0, 0) = 0
7 sync_file_range2(3, SYNC_FILE_RANGE_WRITE, 0, 4096) = 0
7 setgroups32(1, [33])                    = 0
7 setgid32(33)                            = 0
7 setfsuid32(33)                          = 0
7 setuid32(33)                            = 0
7 clock_gettime64(CLOCK_REALTIME, {tv_sec=1, tv_nsec=2}) = 0
7 utimensat_time64(AT_FDCWD, "touched", NULL, 0) = 0
`,
    seen: [
      '{"kind":"path","mode":"map","path":"/lib/arm-linux-gnueabihf/libc.so.6"}',
      '{"kind":"path","mode":"stat","path":"/srv/looked","uid":0}',
      '{"kind":"path","mode":"meta","path":"/srv/touched","uid":33}',
      '{"kind":"feature","name":"identity","value":"groups 33"}',
      '{"kind":"capability","name":"CAP_SETUID","syscall":"setfsuid32","certain":true,"detail":"id 33"}',
      '{"kind":"syscall","name":"arm_fadvise64_64","assumed":true}',
      '{"kind":"syscall","name":"cacheflush"}',
    ],
  },
  ppc64le: {
    log: `7 execve("/usr/sbin/exampled", ["exampled"], 0x7fffdd0e3f08 /* 9 vars */) = 0
7 access("/etc/ld.so.preload", R_OK)      = -1 ENOENT (No such file or directory)
7 openat(AT_FDCWD, "/lib/powerpc64le-linux-gnu/libc.so.6", O_RDONLY|O_CLOEXEC) = 3
7 mmap(NULL, 2426648, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_DENYWRITE, 3, 0) = 0x7fffb6a20000
7 subpage_prot(0, 0, NULL)                = -1 EINVAL (Invalid argument)
7 stat("looked", {st_mode=S_IFREG|0644, st_size=2, ...}) = 0
7 rename("one", "other")                  = 0
7 rtas(0x7fffdd0e3e00)                    = -1 EPERM (Operation not permitted)
7 shmget(IPC_PRIVATE, 65536, IPC_CREAT|0600) = 0
7 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7fffb6c9c7d0) = 8
8 openat(AT_FDCWD, "child", O_RDWR|O_CREAT, 0600) = 3
`,
    seen: [
      '{"kind":"path","mode":"map","path":"/lib/powerpc64le-linux-gnu/libc.so.6"}',
      '{"kind":"move","call":"rename","from":"/srv/one","to":"/srv/other"}',
      '{"kind":"capability","name":"CAP_SYS_ADMIN","syscall":"rtas","certain":true,"errno":"EPERM"}',
      '{"kind":"feature","name":"ipc","value":"sysv"}',
      '{"kind":"path","mode":"create","path":"/srv/child","uid":0}',
    ],
  },
  s390x: {
    log: `7 execve("/usr/sbin/exampled", ["exampled"], 0x3fffe0f9f48 /* 9 vars */) = 0
7 openat(AT_FDCWD, "/lib/s390x-linux-gnu/libc.so.6", O_RDONLY|O_CLOEXEC) = 3
7 mmap(NULL, 1852360, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_DENYWRITE, 3, 0) = 0x3ff9e380000
7 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 4
7 bind(4, {sa_family=AF_INET, sin_port=htons(25), sin_addr=inet_addr("0.0.0.0")}, 16) = 0
7 s390_runtime_instr(S390_RUNTIME_INSTR_STOP) = -1 EOPNOTSUPP (Operation not supported)
7 newfstatat(AT_FDCWD, "looked", {st_mode=S_IFREG|0644, st_size=2, ...}, 0) = 0
7 clone(child_stack=NULL, flags=CLONE_FS|SIGCHLD) = 8
8 chdir("/usr")                           = 0
7 openat(AT_FDCWD, "below", O_RDONLY)     = 5
`,
    seen: [
      '{"kind":"path","mode":"map","path":"/lib/s390x-linux-gnu/libc.so.6"}',
      '{"kind":"address","op":"bind","family":"AF_INET","address":"0.0.0.0","port":25,"transport":"tcp"}',
      '{"kind":"capability","name":"CAP_NET_BIND_SERVICE","syscall":"bind","certain":true,"detail":"port 25"}',
      '{"kind":"path","mode":"read","path":"/usr/below","uid":0}',
    ],
  },
  'i386 on x86-64': {
    log: `7 execve("/opt/old/exampled", ["exampled"], 0x7ffd /* 9 vars */) = 0
[ Process PID=7 runs in 32 bit mode. ]
7 set_thread_area({entry_number=-1, base_addr=0xf7f0a140, limit=0x0fffff, seg_32bit=1, contents=0, read_exec_only=0, limit_in_pages=1, seg_not_present=0, useable=1}) = 0
7 mmap2(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xf7f0a000
7 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3
7 shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600) = 0
7 chown32("owned", 33, 33)                = 0
`,
    seen: [
      '{"kind":"syscall","name":"socketcall","abi":"i386","assumed":true}',
      '{"kind":"syscall","name":"ipc","abi":"i386","assumed":true}',
      '{"kind":"path","mode":"meta","path":"/srv/owned","uid":0}',
      '{"kind":"socket","family":"AF_INET","type":"SOCK_DGRAM","protocol":"IPPROTO_IP"}',
    ],
  },
  i386: {
    log: `7 execve("/usr/sbin/exampled", ["exampled"], 0xbf8c9e5c /* 9 vars */) = 0
7 mmap2(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xb7f0a000
7 sendto(3, "x", 1, 0, NULL, 0)           = 1
`,
    seen: ['{"kind":"syscall","name":"socketcall","assumed":true}'],
  },
  x32: {
    log: `7 execve("/usr/sbin/exampled", ["exampled"], 0xffd1b2c8 /* 9 vars */) = 0
[ Process PID=7 runs in x32 mode. ]
7 openat(AT_FDCWD, "/etc/x32", O_RDONLY)  = 3
7 ioctl#64(0x3, 0x5401, 0xffd1b000, 0, 0, 0) = -1 ENOTTY (Inappropriate ioctl for device)
7 readv#64(0x3 <unfinished ...>
8 getpid() = 8
7 <... readv#64 resumed>, 0xffd1b000, 0x1) = 0
`,
    seen: [
      '{"kind":"path","mode":"read","path":"/etc/x32","uid":0}',
      '{"kind":"syscall","name":"ioctl","abi":"x32"}',
      '{"kind":"syscall","name":"readv","abi":"x32"}',
    ],
  },
  mips: {
    log: `7 execve("/usr/sbin/exampled", ["exampled"], 0x7fb1b2c8 /* 9 vars */) = 0
7 set_thread_area(0x77f0b4a0)             = 0
7 mmap2(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x77f0a000
7 cachectl(0x77f0a000, 0x2000, 0)         = 0
7 open("/etc/mips", O_RDONLY)             = 3
7 stat64("looked", {st_mode=S_IFREG|0644, st_size=2, ...}) = 0
`,
    seen: [
      '{"kind":"path","mode":"read","path":"/etc/mips","uid":0}',
      '{"kind":"path","mode":"stat","path":"/srv/looked","uid":0}',
    ],
  },
  riscv64: {
    log: `7 execve("/usr/sbin/exampled", ["exampled"], 0x3ffff0b2c8 /* 9 vars */) = 0
7 riscv_hwprobe([{key=RISCV_HWPROBE_KEY_IMA_EXT_0, value=0}], 1, 0, NULL, 0) = 0
7 riscv_flush_icache(0x3fa0c12000, 0x3fa0c13000, 0) = 0
7 openat(AT_FDCWD, "/etc/riscv", O_RDONLY) = 3
7 clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_CLEAR_SIGHAND, exit_signal=SIGCHLD, stack=0x3fa0c20000, stack_size=0x9000}, 88) = 8
8 chdir("/usr")                           = 0
7 openat(AT_FDCWD, "own", O_RDONLY)       = 3
`,
    seen: [
      '{"kind":"path","mode":"read","path":"/etc/riscv","uid":0}',
      '{"kind":"path","mode":"read","path":"/srv/own","uid":0}',
    ],
  },
};

for (const [machine, { log, seen }] of Object.entries(MACHINES))
  test(`a log of ${machine}`, t => {
    const profile = observe(log);
    const found = profile.facts.map(fact => JSON.stringify(accessOf(fact)));
    t.is(profile.unrecognised.count, 0);
    for (const access of seen) t.true(found.includes(access), access);
    t.deepEqual(
      found.filter(access => access.includes(' is unknown: ')),
      [],
    );
  });

test('the notice of a personality before strace 5.6 is a message without a prefix', t => {
  for (const notice of ['[ Process PID=7 runs in 32 bit mode. ]', 'strace: [ Process PID=7 runs in 32 bit mode. ]']) {
    const { facts, unrecognised } = observe(
      `7 getpid() = 7\n${notice}\n7 mmap2(NULL, 1, PROT_NONE, MAP_PRIVATE, 3, 0) = 1\n`,
    );
    t.is(unrecognised.count, 0);
    t.true(
      facts.some(fact => fact.kind === 'syscall' && fact.name === 'mmap2' && fact.abi === 'i386'),
      notice,
    );
  }
});

test('the names of a machine of 64 bits are those that filters know: none is added', t => {
  const names = observe(MACHINES.aarch64?.log ?? '').facts.flatMap(fact =>
    fact.kind === 'syscall' && fact.assumed ? [fact.name] : [],
  );
  t.deepEqual(names, []);
});

/** Machines that Debian has never been released for with systemd, or no longer is: libseccomp does not know their own calls. */
const ELSEWHERE =
  /^(?:osf_|arc_|arm_sync_file_range$|bfin_spinlock$|cache_sync$|fp_udfiex_crtl$|getunwind$|ni_syscall$|perfmonctl$|udftrap$|utimesat$|or1k_|atomic_|getx|old_|oldumount$|exec_with_loader$|execv$|dipc$|sethae$|kern_features$|memory_ordering$|perfctr$|utrap_install$|sched_[gs]et_affinity$|setpgrp$|get(?:domainname|hostname|dtablesize|pagesize)$)/;

test('the table has every call that systemd knows, of all machines that libseccomp knows', t => {
  const known = FIRST_SETS['@known'].split(' ').filter(name => !name.startsWith('@'));
  t.true(known.length > 100);
  t.deepEqual(
    known.filter(name => !ROWS.has(name) && !ELSEWHERE.test(name)),
    [],
  );
});
