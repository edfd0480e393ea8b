// The accesses that the differential test tries: what test/policy/probe.c is told to do, the facts that allowtrace learns from strace
// of it, and what the model expects of them inside a sandbox. Every unit of the test has a tree of its own, /srv/pN.

import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { FileType, HostView } from '../../src/policy/host-view.ts';
import { type Denial, judge, type Knowledge } from '../../src/policy/judge.ts';
import type { Sandbox } from '../../src/policy/sandbox.ts';
import type { Access } from '../../src/process/access.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Fact } from '../../src/profile/profile.ts';

export const tree = (unit: number): string => `/srv/p${unit}`;

/** Makes a unit's tree (bash). */
export const TREE = `
make_tree() {
	local p=/srv/p$1
	mkdir -p $p/a/in $p/a/out $p/a/empty $p/b/d/e $p/w /run/app$1
	for f in a/f a/in/x a/out/y a/gone b/f b/gone b/d/f b/d/e/f w/f; do echo content >$p/$f; done
	ln -s b $p/link; ln -s f $p/a/l; ln -s $p/b/d $p/abs
	cp /srv/probe $p/a/prog; cp /srv/probe $p/b/d/prog
	mkfifo $p/a/fifo
	echo content >/run/app$1/f
}
`;

/** Made once for all units (bash). */
export const COMMON = `
mkdir -p /home/u /var/lib/app /var/cache/app /var/log/app /usr/lib/modules
for f in /home/u/f /root/f /tmp/old /var/tmp/old /var/lib/app/f /usr/lib/modules/f /run/there; do echo content >$f; done
`;

const IN_TREE: readonly string[] = [
  ...['a/f', 'a/l', 'a/in/x', 'b/f', 'b/d/f', 'b/d/e/f', 'link/f', 'abs/f', 'w/f'].flatMap(path => [
    `read ${path}`,
    `write ${path}`,
  ]),
  ...['a', 'a/f', 'a/empty', 'b/d', 'b/d/e/f', 'link/d', 'abs', 'a/fifo', 'w'].map(path => `stat ${path}`),
  ...['a/new', 'a/in/new', 'b/d/new', 'link/new', 'abs/new', 'b/d/e/new', 'w/new', 'new'].map(path => `create ${path}`),
  'append a/f',
  'mkdir a/newdir',
  'mkdir b/d/newdir',
  'symlink b/newlink',
  'fifo a/newfifo',
  'rename a/in/x a/out/x2',
  'rename a/f a/f2',
  'rename b/f b/d/f2',
  'rename a/in/x a/in/x2',
  'rename b/d/e/f b/d/f4',
  'rename w/f a/f9',
  'rename b/d b/d2',
  'link b/f b/d/f3',
  'link a/f a/f3',
  'link w/f b/f7',
  'chmod a/f 0644',
  'chmod b/d 0755',
  'touch b/d/f',
  'truncate w/f',
  'list a',
  'list a/in',
  'list b/d',
  'list link',
  'list .',
  'chdir b/d',
  'chdir a/in',
  'chroot b/d',
  'exec a/prog one nothing',
  'exec b/d/prog one nothing',
  'exec link/d/prog one nothing',
  'map a/prog',
  'map b/d/prog',
  'bind a/sock',
  'bind b/d/sock',
  'watch b/d',
  'watch a/f',
  'unlink a/gone',
  'unlink b/gone',
  'rmdir a/empty',
];

/** `%` is the unit's number. */
const ELSEWHERE: readonly string[] = [
  'read /etc/passwd',
  'write /etc/hostname',
  'read /usr/bin/env',
  'map /usr/bin/env',
  'read /lib64/ld-linux-x86-64.so.2',
  'read /bin/true',
  'create /etc/new%',
  'create /usr/new%',
  'create /usr/lib/new%',
  'create /lib/new%',
  'create /bin/new%',
  'create /var/lib/new%',
  'create /var/lib/app/new%',
  'create /var/cache/app/new%',
  'create /var/log/app/new%',
  'read /var/lib/app/f',
  'create /run/new%',
  'create /var/run/new%',
  'create /run/app%/new',
  'read /run/app%/f',
  'read /run/there',
  'create /tmp/new%',
  'create /var/tmp/new%',
  'read /tmp/old',
  'read /var/tmp/old',
  'create /home/new%',
  'create /home/u/new%',
  'read /home/u/f',
  'write /home/u/f',
  'list /home',
  'list /home/u',
  'create /root/new%',
  'read /root/f',
  'create /boot/new%',
  'create /opt/new%',
  'create /new%',
  'create /srv/new%',
  'list /srv',
  'create /dev/new%',
  'create /dev/shm/new%',
  'write /dev/null',
  'read /dev/zero',
  'stat /dev/full',
  'stat /dev/pts/ptmx',
  'read /proc/self/status',
  'read /proc/1/status',
  'read /proc/meminfo',
  'write /proc/sys/vm/swappiness',
  'read /proc/sys/kernel/hostname',
  'read /proc/kallsyms',
  'stat /proc/kcore',
  'stat /proc/kmsg',
  'stat /sys/kernel',
  'list /sys/kernel',
  'write /sys/fs/cgroup/cgroup.procs',
  'stat /usr/lib/modules',
  'read /usr/lib/modules/f',
  'connect /run/systemd/private',
  'connect /run/systemd/journal/stdout',
];

/** Accesses that are no matter of paths. Numbers of families, flags and calls are x86-64's. */
const CALLS: readonly string[] = [
  'nothing',
  'socket 1 1 0',
  'socket 2 1 0',
  'socket 10 2 0',
  'socket 16 3 0',
  'socket 17 3 0',
  'socket 2 3 1',
  'socketpair',
  'port 80',
  'port 8080',
  ...['0x20000', '0x40000000', '0x10000000', '0x8000000', '0x4000000', '0x2000000', '0x20000000', '0x80'].map(
    flag => `unshare ${flag}`,
  ),
  'clone 0x20000',
  'clone 0x40000000',
  'clone 0x10000000',
  'clone 0',
  'setns /proc/self/ns/net 0',
  'setns /proc/self/ns/net 0x40000000',
  'setns /proc/self/ns/uts 0x4000000',
  'memory map',
  'memory mprotect',
  'shm-exec',
  'scheduler 1 1',
  'scheduler 2 1',
  'scheduler 0 0',
  'scheduler 3 0',
  'schedattr 1 1',
  'personality 0',
  'personality 0x8',
  'personality 0xffffffff',
  'sethostname',
  'setdomainname',
  'setuid 1',
  'setgid 1',
  'setgroups',
  'kill 1',
  'priority -5',
  'mount',
  'umount',
  'create-mode a/suid 04700',
  'create-mode a/sgid 02700',
  'mkdir-mode a/sgiddir 02700',
  'chmod a/f 04755',
  'chmod a/f 02755',
  'device a/dev',
  'chown a/f 1',
  // adjtimex, clock_adjtime, syslog, init_module, delete_module, iopl, ioperm, ptrace, keyctl, add_key, swapoff, pivot_root, acct, bpf
  'call 159 0',
  'call 305 0 0',
  'call 103 10 0 0',
  'call 175 0 0 0',
  'call 176 0 0',
  'call 172 0',
  'call 173 0 0 0',
  'call 101 0 0 0',
  'call 250 99 0 0',
  'call 248 0 0 0',
  'call 168 0',
  'call 155 0 0',
  'call 163 0',
  'call 321 99 0 0',
  // sync, alarm, mlock, memfd_create, mq_open, msgget, shmget, timerfd_create, perf_event_open, fanotify_init, io_uring_setup, kexec_load, quotactl
  'call 162',
  'call 37 0',
  'call 149 0 0',
  'call 319 0 0',
  'call 68 0 01600',
  'call 283 99 0',
  'call 298 0 0 0',
  'call 300 99 0',
  'call 425 0 0',
  'call 246 0 0 0',
  'call 179 0 0 0',
  // quotactl, open_by_handle_at, name_to_handle_at, process_vm_readv, userfaultfd, setpriority, getrandom, openat2
  'call 304 0 0 0',
  'call 303 0 0 0 0',
  'call 310 0 0 0 0',
  'call 323 99',
  'call 318 0 0 0',
  'call 437 0 0 0 0',
];

/** The words of every access, for the tree of `unit`. */
export function accessWords(unit: number): string[][] {
  const at = (words: string): string[] => words.split(' ');
  const place = (word: string, i: number): string =>
    i > 0 && /^[a-z.][a-z0-9/.]*$/.test(word) && word !== 'one' && word !== 'nothing' ? join(tree(unit), word) : word;
  return [
    ...IN_TREE.map(text => at(text).map(place)),
    ...ELSEWHERE.map(text => at(text.replaceAll('%', String(unit)))),
    ...CALLS.map(text => at(text).map((word, i) => (text.startsWith('memory') ? word : place(word, i)))),
  ];
}

/** The files of a systemd-host as seen through /proc/PID/root. */
export function hostAt(root: string): HostView {
  const types = new Map<string, FileType | null>();
  const type = (path: string): FileType | null => {
    const known = types.get(path);
    if (known !== undefined) return known;
    const stats = lstatSync(root + path, { throwIfNoEntry: false });
    let found: FileType | null = null;
    if (stats !== undefined) {
      if (stats.isFile()) found = 'file';
      else if (stats.isDirectory()) found = 'directory';
      else if (stats.isSymbolicLink()) found = 'symlink';
      else if (stats.isSocket()) found = 'socket';
      else found = stats.isFIFO() ? 'other' : 'device';
    }
    types.set(path, found);
    return found;
  };
  const realpath = (path: string): string | null => {
    let rest = path.split('/').filter(name => name !== '');
    let at = '/';
    for (let hops = 0; rest.length > 0; ) {
      const [name = '', ...after] = rest;
      const next = join(at, name);
      const what = type(next);
      if (what === null) return null;
      if (what === 'symlink') {
        if (++hops > 40) return null;
        const target = readlinkSync(root + next);
        rest = [
          ...join(at, target)
            .split('/')
            .filter(part => part !== ''),
          ...after,
        ];
        if (target.startsWith('/')) rest = [...target.split('/').filter(part => part !== ''), ...after];
        at = '/';
      } else {
        at = next;
        rest = after;
      }
    }
    return at;
  };
  return {
    type,
    realpath,
    owner: path => {
      const real = realpath(path);
      const stats = real === null ? undefined : lstatSync(root + real, { throwIfNoEntry: false });
      return stats === undefined ? null : { uid: stats.uid, gid: stats.gid, mode: stats.mode };
    },
    known: true,
  };
}

/** The facts of one access, from strace of the probe that tried it alone, by the line of the log. The probe's own start is left out. */
export function factsOf(log: string): Fact[] {
  const observer = new Observer({ id: 'probe', trace: 'probe', mode: 'replay', cwd: '/' });
  observer.push(Buffer.from(log));
  observer.end();
  return observer.snapshot().facts.filter(({ evidence }) => evidence.origin.line > 1);
}

/** What kills a call before it reaches the file system comes first. */
const RANK: Readonly<Partial<Record<Access['kind'], number>>> = { syscall: 0, move: 2, path: 3, capability: 4 };
const rank = (fact: Fact): number => RANK[fact.kind] ?? 1;

/** What the model says of an access whose facts are known: the first denial, in the order in which the kernel would meet it. */
export function predicted(facts: readonly Fact[], sandbox: Sandbox, host: HostView): Denial | null {
  const made = new Set(
    facts.flatMap(fact => (fact.kind === 'path' && fact.mode === 'create' ? [fact.path, fact.asked ?? fact.path] : [])),
  );
  for (const fact of facts) if (fact.kind === 'move') made.add(fact.to);
  const known: Knowledge = { host, made: path => made.has(path) };
  const ordered = [...facts].sort((a, b) => a.evidence.origin.line - b.evidence.origin.line || rank(a) - rank(b));
  for (const fact of ordered) {
    if ('errno' in fact && fact.errno !== undefined) continue;
    const denied = judge(fact, sandbox, known);
    if (denied !== null) return denied;
  }
  return null;
}
