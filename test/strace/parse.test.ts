// Single calls, in the shapes that mislead simpler parsers.

import test from 'ava';
import { annotationPath, fdArgument, socketAddress, stringArgument } from '../../src/strace/arguments.ts';
import { type Call, parseCall } from '../../src/strace/parse.ts';

function call(text: string): Call {
  const parsed = parseCall(text);
  if ('why' in parsed) throw new Error(`${parsed.why} at ${parsed.at}: ${text}`);
  return parsed;
}

test('a plain call', t => {
  const { name, args, result } = call('openat(AT_FDCWD, "/etc/hosts", O_RDONLY|O_CLOEXEC) = 3');
  t.is(name, 'openat');
  t.deepEqual(args, ['AT_FDCWD', '"/etc/hosts"', 'O_RDONLY|O_CLOEXEC']);
  t.is(result.value, 3);
});

test('a file name may hold everything that ends a call', t => {
  const { args, result } = call(
    'openat(AT_FDCWD, "x\\") = 3 <unfinished ...>, (", O_RDONLY) = -1 ENOENT (No such file or directory)',
  );
  t.is(stringArgument(args[1])?.text, 'x") = 3 <unfinished ...>, (');
  t.is(result.errno, 'ENOENT');
});

test('results: hexadecimal, octal, auxiliary text, injected, with time spent', t => {
  t.is(call('brk(NULL) = 0x55d0c0de').result.value, 0x55d0c0de);
  t.is(call('umask(022) = 077').result.value, 0o77);
  t.is(
    call('poll([{fd=4, events=POLLIN}], 1, 10) = 1 ([{fd=4, revents=POLLIN}])').result.tail,
    '[{fd=4, revents=POLLIN}]',
  );
  t.is(call('select(4, [3], NULL, NULL, NULL) = 0 (Timeout)').result.tail, 'Timeout');
  t.true(call('open("/x", O_RDONLY) = -1 EACCES (Permission denied) (INJECTED) <0.000023>').result.injected);
  t.is(call('read(3, ""..., 5) = -1 (errno 512)').result.errno, 'errno 512');
  t.is(call('exit_group(0) = ?').result.value, null);
  t.is(
    call('wait4(-1, NULL, 0, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)').result.errno,
    'ERESTARTSYS',
  );
  t.is(call("fork() = 2 /* 18974 in strace's PID NS */").result.hostPid, 18974);
});

test('annotations of descriptors: paths with blanks and brackets, devices, sockets with quoted names', t => {
  const opened = call('openat(AT_FDCWD</tmp/a b>, "f", O_RDONLY) = 3</tmp/a b/f) = -1 \\74x\\76>');
  t.is(fdArgument(opened.args[0])?.path, '/tmp/a b');
  t.is(annotationPath(opened.result.annotation ?? ''), '/tmp/a b/f) = -1 <x>');
  t.is(annotationPath('/dev/null<char 1:3>'), '/dev/null');
  const closed = call('close(5<UNIX-STREAM:[14143->14142,"so ck>,\\"x\\"] = 3"]>) = 0');
  t.is(closed.args.length, 1);
  t.true(call('openat(AT_FDCWD, "x", O_RDONLY) = 3</tmp/x>(deleted)').result.deleted);
});

test('clone3 with results inside its arguments, shifts and comments', t => {
  const { args, result } = call('clone3({flags=CLONE_VM|CLONE_FS, exit_signal=0} => {parent_tid=[8254]}, 88) = 8254');
  t.is(args.length, 2);
  t.is(result.value, 8254);
  t.is(call('f(1<<20, "a" /* a "quote */, [1, 2]) = 0').args.length, 3);
});

test('names of arguments (-N) are removed, members of structs are not', t => {
  const { args } = call('openat(dirfd=AT_FDCWD, pathname="/x", flags=O_RDONLY) = 3');
  t.deepEqual(args, ['AT_FDCWD', '"/x"', 'O_RDONLY']);
});

test('-X verbose, -x and -xx come to what strace prints by default', t => {
  const same: Readonly<Record<string, string>> = {
    'openat(-100 /* AT_FDCWD */</srv>, "x", 0x80241 /* O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC */, 0600) = 3':
      'openat(AT_FDCWD</srv>, "x", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0600) = 3',
    'socket(0x2 /* AF_INET */, 0x1 /* SOCK_STREAM */|0x80000 /* SOCK_CLOEXEC */, 0 /* IPPROTO_IP */) = 3':
      'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3',
    'bind(3, {sa_family=0x2 /* AF_INET */, sin_port="\\x00\\x51" /* htons(81) */, sin_addr="\\x7f\\x00\\x00\\x01" /* inet_addr("127.0.0.1") */}, 16) = 0':
      'bind(3, {sa_family=AF_INET, sin_port=htons(81), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
    'mknod("d", 020600 /* S_IFCHR|0600 */, 0x103 /* makedev(0x1, 0x3) */) = 0':
      'mknod("d", S_IFCHR|0600, makedev(0x1, 0x3)) = 0',
    'open("\\x2f\\x61\\x22\\xff\\x31", O_RDONLY) = 3<\\x2f\\x61>': 'open("/a\\"\\3771", O_RDONLY) = 3</a>',
    'sched_setscheduler(0, 0x40000002 /* SCHED_??? */, [1]) = 0': 'sched_setscheduler(0, 0x40000002, [1]) = 0',
    'quotactl(3134983661 /* QCMD(0xbadc0d /* Q_??? */, 0xed) */, "/x", 1, NULL) = -1 ENOSYS (Function not implemented)':
      'quotactl(QCMD(0xbadc0d, 0xed), "/x", 1, NULL) = -1 ENOSYS (Function not implemented)',
  };
  for (const [printed, usual] of Object.entries(same)) t.deepEqual(call(printed), call(usual), printed);
  // A name is no comment.
  t.deepEqual(call('open("0x1 /* AF_INET */", 0x1 /* O_WRONLY */) = 3</0x1 /* O_RDWR */>').args, [
    '"0x1 /* AF_INET */"',
    'O_WRONLY',
  ]);
});

test('characters in quotes may be brackets and quotes; an apostrophe is none', t => {
  t.is(
    call(`ioctl(3, KDGKBDIACR, {kb_cnt=2, kbdiacr=[{diacr='(', base=')', result='"'}, {diacr='\\'', base=1}]}) = 0`)
      .args.length,
    3,
  );
  t.is(call("kill(2 /* 18974 in strace's PID NS */, SIGTERM) = 0").args.length, 2);
});

test('socket addresses', t => {
  t.deepEqual(socketAddress('{sa_family=AF_UNIX, sun_path="/run/x y.sock"}'), {
    family: 'AF_UNIX',
    path: '/run/x y.sock',
  });
  t.deepEqual(socketAddress('{sa_family=AF_UNIX, sun_path=@"abstract"}'), { family: 'AF_UNIX', abstract: 'abstract' });
  t.deepEqual(socketAddress('{sa_family=AF_INET, sin_port=htons(25), sin_addr=inet_addr("127.0.0.1")}'), {
    family: 'AF_INET',
    host: '127.0.0.1',
    port: 25,
  });
  t.is(socketAddress('0x7ffd1234'), null);
});

test('a cut line is a failure with a reason, never a call', t => {
  for (const text of [
    'openat(AT_FDCWD, "/etc/ho',
    'openat(AT_FDCWD, "/etc/hosts", O_RDONLY',
    'openat(AT_FDCWD, "/x") = ',
    'no call at all',
  ])
    t.true('why' in parseCall(text), text);
});
