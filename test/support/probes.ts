// The accesses that the differential test tries: what test/policy/probe.c is told to do, the facts that allowtrace learns from strace
// of it, and what the model expects of them inside a sandbox. Every unit of the test has a tree of its own, /srv/pN.

import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { FileType, HostView } from '../../src/policy/host-view.ts';
import type { Denial } from '../../src/policy/sandbox/denial.ts';
import type { Sandbox } from '../../src/policy/sandbox/sandbox.ts';
import { hasFailed } from '../../src/policy/sandbox/trace-host.ts';
import { witness } from '../../src/policy/sandbox/witness.ts';
import type { Origin } from '../../src/process/access.ts';
import { parentOf } from '../../src/process/resolve.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Fact } from '../../src/profile/profile.ts';

export const tree = (unit: number): string => `/srv/p${unit}`;

/** Makes a unit's tree (bash). */
export const TREE = `
make_tree() {
	local p=/srv/p$1
	mkdir -p $p/a/in $p/a/out $p/a/empty $p/b/d/e $p/w $p/o/shut $p/root/srv/p$1/a /run/app$1
	for f in a/f a/log a/in/x a/out/y a/gone b/f b/gone b/d/f b/d/e/f w/f; do echo content >$p/$f; done
	ln -s b $p/link; ln -s f $p/a/l; ln -s $p/b/d $p/abs
	ln -s ../link/d $p/a/nested; ln -s ../a/nested/e $p/b/far; ln -s made $p/b/dangling; ln -s $p/none/x $p/b/nowhere
	ln -s loop2 $p/w/loop; ln -s loop $p/w/loop2
	for f in o/mine o/other o/shut/f root/srv/p$1/a/f; do echo content >$p/$f; done
	chmod 0600 $p/o/mine $p/o/other; chown 7:7 $p/o/other $p/o/shut; chmod 0700 $p/o/shut
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
  ...['a/new', 'a/in/new', 'b/d/new', 'link/new2', 'abs/new3', 'b/d/e/new', 'w/new', 'new'].map(
    path => `create ${path}`,
  ),
  'append a/log',
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
  'create /lib/newlib%',
  'create /bin/new%',
  'create /var/lib/new%',
  'create /var/lib/app/new%',
  'create /var/cache/app/new%',
  'create /var/log/app/new%',
  'read /var/lib/app/f',
  'create /run/new%',
  'create /var/run/newer%',
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
  'port LOW',
  'port HIGH',
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

/** What the usual test does not try: it is for the sets of wider-sets.ts. */
const WIDER: readonly string[] = [
  ...['a/l', 'b/dangling', 'b/nowhere', 'w/loop', 'a/nested', 'b/far', 'b/d/e/f'].flatMap(path => [
    `lstat ${path}`,
    `readlink ${path}`,
    `stat ${path}`,
  ]),
  ...['o/mine', 'o/other', 'o/shut/f', 'b/far/f', 'a/nested/f'].flatMap(path => [`read ${path}`, `write ${path}`]),
  'create b/dangling',
  'create o/shut/new',
  'list o/shut',
  'chgrp o/mine 7',
  'chmod o/other 0600',
  'access a/f 2',
  'access b/d 2',
  'open-tree b/d 1',
  'udp-send',
  'udp-connect',
  'clone3 0',
];

/** The words of every access, for the tree of `unit`; `wider`: those that are hard to get right, too. */
export function accessWords(unit: number, wider = false): string[][] {
  const at = (words: string): string[] => words.split(' ');
  const place = (word: string, i: number): string =>
    i > 0 && /^[a-z.][a-z0-9/.]*$/.test(word) && word !== 'one' && word !== 'nothing' ? join(tree(unit), word) : word;
  return [
    ...[...IN_TREE, ...(wider ? WIDER : [])].map(text => at(text).map(place)),
    ...ELSEWHERE.map(text => at(text.replaceAll('%', String(unit)))),
    // A port of its own for every unit: they share a network.
    ...CALLS.map(text => text.replace('LOW', String(100 + (unit % 900))).replace('HIGH', String(10_000 + unit))).map(
      text => at(text).map((word, i) => (text.startsWith('memory') ? word : place(word, i))),
    ),
  ];
}

/** Null also below what is no directory. */
function look(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

/** The files of a systemd-host as seen through /proc/PID/root. */
export function hostAt(root: string): HostView {
  const types = new Map<string, FileType | null>();
  const type = (path: string): FileType | null => {
    const known = types.get(path);
    if (known !== undefined) return known;
    const stats = look(root + path);
    let found: FileType | null = null;
    if (stats !== null) {
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
  const rowOf = (file: string, name: string): string[] | undefined =>
    readFileSync(root + file, 'utf8')
      .split('\n')
      .map(line => line.split(':'))
      .find(row => row[0] === name);
  return {
    type,
    realpath,
    owner: path => {
      const real = realpath(path);
      const stats = real === null ? null : look(root + real);
      return stats === null ? null : { uid: stats.uid, gid: stats.gid, mode: stats.mode };
    },
    user: name => {
      const [, , uid = '', gid = '', , home = ''] = rowOf('/etc/passwd', name) ?? [];
      return uid === '' ? null : { uid: Number(uid), gid: Number(gid), home, groups: [] };
    },
    group: name => {
      const gid = rowOf('/etc/group', name)?.[2];
      return gid === undefined ? null : Number(gid);
    },
    link: path => (type(path) === 'symlink' ? readlinkSync(root + path) : null),
    entries: () => null,
    isAbsent: path => type(path) === null,
    isMadeAtBoot: () => false,
    known: true,
  };
}

/** The facts of one access, from strace of the probe that tried it alone, by the line of the log. The probe's own start is left out. */
export function factsOf(log: string): Fact[] {
  const observer = new Observer({ id: 'probe', trace: 'probe', mode: 'complete', cwd: '/', uid: 0 });
  observer.push(Buffer.from(log));
  observer.end();
  return observer.snapshot().facts.filter(({ evidence }) => evidence.origin.line > 1);
}

/** Paths that a successful access made. */
function madeBy(fact: Fact): string[] {
  if (hasFailed(fact)) return [];
  if (fact.kind === 'move') return [fact.to];
  if (fact.kind !== 'path' || (fact.mode !== 'create' && fact.mode !== 'bind')) return [];
  return fact.asked === undefined ? [fact.path] : [fact.path, fact.asked];
}

/** Was a path, or a directory above it, made before (or by) what was seen at `at`? Of another log the order is not known. */
function madePaths(facts: readonly Fact[]): (path: string, at: Origin) => boolean {
  const first = new Map<string, Origin>();
  for (const fact of facts) {
    const { origin } = fact.evidence;
    for (const path of madeBy(fact)) {
      const known = first.get(path);
      if (known === undefined || (known.trace === origin.trace && origin.line < known.line)) first.set(path, origin);
    }
  }
  return (path, at) => {
    for (let top = path; top !== '/'; top = parentOf(top)) {
      const made = first.get(top);
      if (made !== undefined && (made.trace !== at.trace || made.line <= at.line)) return true;
    }
    return false;
  };
}

/** The order in which the kernel meets what refuses one call: filters, then mounts, the look-up, write access; capabilities at last. */
function rank({ kind, ...fact }: Fact, { outcome }: Denial): number {
  if (kind === 'capability' || ('name' in fact && fact.name === 'mknod-device')) return 5;
  if (kind === 'syscall') return -1;
  if (kind !== 'path' && kind !== 'move') return 0;
  const order = ['EXDEV', 'ENOENT', 'ENOTDIR', 'EACCES', 'EROFS'].indexOf(outcome);
  return order < 0 ? 4 : 1 + order / 5;
}

/** What the model says of an access whose facts are known: the first denial that the kernel would meet. */
export function predicted(facts: readonly Fact[], sandbox: Sandbox, host: HostView): Denial | null {
  const ask = witness(facts, { host, made: madePaths(facts) });
  const denials = facts
    .filter(fact => !hasFailed(fact))
    .flatMap(fact => {
      const denied = ask(fact, sandbox);
      return denied === null ? [] : [{ denied, line: fact.evidence.origin.line, rank: rank(fact, denied) }];
    })
    .sort((a, b) => a.line - b.line || a.rank - b.rank)
    .map(({ denied }) => denied);
  return denials.find(({ outcome }) => !SOFT.has(outcome)) ?? denials[0] ?? null;
}

/** The call itself works. */
export const SOFT: ReadonlySet<string> = new Set(['apart', 'empty']);
