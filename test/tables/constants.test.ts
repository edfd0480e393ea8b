// The table of constants against the headers of this machine, which are those of its kernel and libc.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import test from 'ava';
import { execaSync } from 'execa';
import { PLACES_OF } from '../../src/process/constants/places.ts';
import { type ConstantSet, spelled } from '../../src/process/constants/set.ts';
import { SETS } from '../../src/process/constants/sets.ts';

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-constants-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const HEADERS =
  `sys/types.h sys/socket.h netinet/in.h netinet/tcp.h fcntl.h sched.h signal.h sys/mman.h sys/mount.h sys/prctl.h sys/personality.h
sys/resource.h sys/shm.h sys/stat.h sys/quota.h sys/ioctl.h sys/timerfd.h linux/capability.h linux/netlink.h linux/rtnetlink.h linux/audit.h
linux/seccomp.h linux/bpf.h linux/can.h linux/if_ether.h linux/sockios.h linux/if_tun.h linux/random.h linux/vt.h linux/kd.h linux/fs.h
linux/loop.h linux/rtc.h linux/btrfs.h linux/dm-ioctl.h linux/nsfs.h linux/blkpg.h linux/wireless.h linux/ioprio.h linux/openat2.h
linux/close_range.h linux/memfd.h linux/perf_event.h linux/netfilter_ipv4/ip_tables.h linux/netfilter_ipv6/ip6_tables.h scsi/sg.h`.split(
    /\s+/,
  );

/** Names that are strace's own, or that a set writes in another way. */
const OURS = /^(?:CLOEXEC|O_LARGEFILE|IOPRIO_CLASS_\w+|FASYNC|nlctrl|Q_QUOTAON|SHM_(?:UN)?LOCK|IPC_64)$|^1<</;

const constants = Object.values<ConstantSet>(SETS).flatMap(({ one, flags }) => [
  ...Object.entries(one ?? {}),
  ...Object.entries(flags ?? {}),
]);

const compiler = process.arch === 'x64' && !execaSync('gcc', ['--version'], { reject: false }).failed;
const compiled = compiler ? test : test.skip;

compiled(
  `each constant has the number that the headers give it${compiler ? '' : ' (skipped: no gcc on x86-64)'}`,
  t => {
    const names = [...new Set(constants.map(([name]) => name))].filter(name => !OURS.test(name));
    const headers = HEADERS.map(header => `#if __has_include(<${header}>)\n#include <${header}>\n#endif\n`).join('');
    const source = (known: readonly string[]): string =>
      `#define _GNU_SOURCE\n#include <stdio.h>\n${headers}int main(void) {\n${known
        .map(name => `printf("${name} %lld\\n", (long long)${name});`)
        .join('\n')}\nreturn 0; }\n`;
    const file = join(folder, 'constants.c');
    const program = join(folder, 'constants');
    writeFileSync(file, source(names));
    const { stderr } = execaSync('gcc', ['-w', '-fmax-errors=0', '-o', program, file], { reject: false });
    const unknown = new Set([...stderr.matchAll(/[‘'](\w+)[’'] undeclared/g)].map(([, name]) => name));
    const known = names.filter(name => !unknown.has(name));
    writeFileSync(file, source(known));
    execaSync('gcc', ['-w', '-o', program, file]);
    const numbers = new Map(
      execaSync(program)
        .stdout.split('\n')
        .map(line => line.split(' '))
        .map(([name = '', number]): [string, number] => [name, Number(number)]),
    );
    t.true(numbers.size > 400, `${numbers.size} of ${names.length} constants are known to the headers`);
    const wrong = constants.filter(
      ([name, number]) =>
        numbers.has(name) && BigInt.asUintN(32, BigInt(numbers.get(name) ?? 0)) !== BigInt.asUintN(32, BigInt(number)),
    );
    t.deepEqual(wrong, []);
  },
);

test('each number of a set is written as its name, alone and among flags', t => {
  for (const [title, set] of Object.entries<ConstantSet>(SETS)) {
    for (const [name, number] of Object.entries(set.one ?? {})) t.is(spelled(String(number), set), name, title);
    for (const [name, number] of Object.entries(set.flags ?? {}))
      t.true(
        spelled(`0x${number.toString(16)}`, set)
          .split('|')
          .includes(name),
        `${title} ${name}`,
      );
  }
});

test('numbers are added up, words are kept, and what no word is known for stays a number', t => {
  t.is(spelled('0x1|0x80000', SETS['socket-type']), 'SOCK_STREAM|SOCK_CLOEXEC');
  t.is(spelled('0x600|17', SETS.clone), 'SIGCHLD|CLONE_FS|CLONE_FILES');
  t.is(spelled('CLONE_NEWNS|0x10000000', SETS.clone), 'CLONE_NEWNS|CLONE_NEWUSER');
  t.is(spelled('0|0x40000', SETS.personality), 'PER_LINUX|ADDR_NO_RANDOMIZE');
  t.is(spelled('020600', SETS.mode), 'S_IFCHR|0600');
  t.is(spelled('0x200|0600', SETS['ipc-flags']), 'IPC_CREAT|0600');
  t.is(spelled('0x410002', SETS.open), 'O_RDWR|O_TMPFILE');
  t.is(spelled('0x40000002', SETS.scheduler), 'SCHED_RR|SCHED_RESET_ON_FORK');
  t.is(spelled('0', SETS.open), 'O_RDONLY');
  t.is(spelled('0', SETS.at), '0');
  t.is(spelled('0x7fff', SETS.family), '0x7fff');
});

test('constants stand in the arguments of many calls', t => {
  t.true(PLACES_OF.size > 80);
});
