// Small services, each made to break a proposal that takes paths too lightly. A script ends with 0 only if everything in it worked;
// `[Service]` is added to its unit. Where `reboot` is given, it runs before the hardened start and undoes what the first start left behind.

export interface Pitfall {
  name: string;
  /** What is hard about it. */
  about: string;
  unit: string;
  /** Absolute path → content; scripts are made executable. */
  files?: Readonly<Record<string, string>>;
  /** Run before the service is traced. */
  prepare?: string;
  reboot?: string;
  /** Run after the hardened start; must end with 0. */
  after?: string;
  /** Further options of the proposal. */
  options?: readonly string[];
  /** What the drop-in must hold, by strategy. */
  strict?: RegExp;
  tmpfs?: RegExp;
  never?: RegExp;
  /** The instance that is started hardened, when it is another one than the traced one. */
  other?: string;
}

const python = (code: string): string => `#!/usr/bin/python3\nimport os, sys, socket\n${code}\n`;

export const pitfalls: readonly Pitfall[] = [
  {
    name: 'pit-links',
    about: 'symlinks: /var/run, /bin, /lib, /etc/localtime, a linked resolv.conf',
    unit: 'Type=oneshot\nExecStart=/opt/pit/links',
    prepare:
      'mkdir -p /run/pit-resolve; echo nameserver ::1 >/run/pit-resolve/conf; ln -sf /run/pit-resolve/conf /etc/resolv.conf; mkdir -p /run/pit-links',
    files: {
      '/opt/pit/links': python(`
open('/var/run/pit-links/x', 'w').write('1'); os.rename('/var/run/pit-links/x', '/var/run/pit-links/y')
assert os.spawnv(os.P_WAIT, '/bin/true', ['true']) == 0
assert os.listdir('/lib/systemd')
assert open('/etc/localtime', 'rb').read(4) == b'TZif'
assert 'nameserver' in open('/etc/resolv.conf').read()`),
    },
    strict: /^RuntimeDirectory=pit-links$/m,
  },
  {
    name: 'pit-closure',
    about: 'libraries that are opened at run time, users by NSS, names by resolver, locale, /dev/null, /proc',
    unit: 'Type=oneshot\nEnvironment=LC_ALL=C.UTF-8\nExecStart=/opt/pit/closure',
    files: {
      '/opt/pit/closure': python(`
import ctypes, ctypes.util, locale, pwd, subprocess
ctypes.CDLL('libz.so.1').zlibVersion
assert pwd.getpwnam('nobody').pw_uid == 65534
assert socket.getaddrinfo('localhost', 80)
assert locale.setlocale(locale.LC_ALL, '') == 'C.UTF-8'
open('/dev/null', 'w').write('x'); open('/dev/urandom', 'rb').read(4)
assert 'Pid:' in open('/proc/self/status').read()
assert subprocess.run(['sh', '-c', 'echo $((1+1)) | cat'], capture_output=True).stdout == b'2\\n'`),
    },
  },
  {
    name: 'pit-notify',
    about: 'sd_notify and the sockets of the journal',
    unit: 'Type=notify\nExecStart=/opt/pit/notify',
    files: {
      '/opt/pit/notify': python(`
import syslog, time
syslog.openlog('pit-notify'); syslog.syslog('syslog of ' + str(os.getpid())); print('stdout of', os.getpid(), flush=True)
ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); ready.connect(os.environ['NOTIFY_SOCKET']); ready.send(b'READY=1')
time.sleep(60)`),
    },
    after:
      'pid=$(systemctl show --value -p MainPID pit-notify); for _ in $(seq 30); do journalctl --no-pager | grep -q "syslog of $pid" && journalctl --no-pager | grep -q "stdout of $pid" && exit 0; sleep 0.1; done; exit 1',
  },
  {
    name: 'pit-homes',
    about: "a file in root's own home, homes that are only looked at, and a directory in /tmp that others made",
    unit: 'Type=oneshot\nExecStart=/opt/pit/homes',
    prepare: 'mkdir -p /tmp/pit-given',
    files: {
      '/opt/pit/homes': python(`
open('/root/.pit', 'w').write('1'); os.remove('/root/.pit')
assert os.path.isdir('/home')
open('/tmp/pit-given/x', 'w').write('1'); os.remove('/tmp/pit-given/x')`),
    },
    strict: /^ReadWritePaths=\/root$/m,
    tmpfs: /^BindPaths=\/root$/m,
  },
  {
    name: 'pit-gifted',
    about:
      'programs with file capabilities: root cannot execute them without those in the bounding set, another user gains by them',
    unit: 'Type=oneshot\nExecStart=/opt/pit/gifted',
    prepare:
      'for name in true python3; do cp --remove-destination "$(realpath "/usr/bin/$name")" "/opt/pit/$name"; setcap cap_net_raw=ep "/opt/pit/$name"; done',
    files: {
      '/opt/pit/gifted': python(`
assert os.spawnv(os.P_WAIT, '/opt/pit/true', ['true']) == 0
child = os.fork()
if child == 0:
  os.setgid(65534); os.setuid(65534)
  os.execv('/opt/pit/python3', ['python3', '-c', 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'])
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0`),
    },
    strict: /^CapabilityBoundingSet=.*\bCAP_NET_RAW\b/m,
    never: /^NoNewPrivileges=yes/m,
  },
  {
    name: 'pit-watch',
    about: "other users' processes: what only their owner may read, their priority and their processors",
    unit: 'Type=oneshot\nExecStart=/opt/pit/watch',
    prepare: 'systemctl is-active -q pit-watched || systemd-run --unit pit-watched -p User=daemon sleep infinity',
    files: {
      '/opt/pit/watch': python(`
watched = [pid for pid in os.listdir('/proc') if pid.isdigit() and os.stat('/proc/' + pid).st_uid == 1 and open('/proc/' + pid + '/comm').read() == 'sleep\\n'][0]
open('/proc/' + watched + '/environ', 'rb').read(); open('/proc/' + watched + '/io').read()
assert os.readlink('/proc/' + watched + '/fd/' + os.listdir('/proc/' + watched + '/fd')[0])
assert open('/proc/' + watched + '/root/etc/hostname').read()
os.sched_setaffinity(int(watched), os.sched_getaffinity(int(watched))); os.setpriority(os.PRIO_PROCESS, int(watched), 3)`),
    },
  },
  {
    name: 'pit-unnamed',
    about: 'a file without a name that gets one elsewhere, and names that go through /proc/self/fd',
    unit: 'Type=oneshot\nExecStart=/opt/pit/unnamed',
    prepare: 'mkdir -p /srv/pit-unnamed/in /srv/pit-unnamed/out /srv/pit-unnamed/more',
    files: {
      '/opt/pit/unnamed': python(`
import ctypes
made = os.open('/srv/pit-unnamed/in', os.O_TMPFILE | os.O_RDWR, 0o600)
assert ctypes.CDLL(None).linkat(-100, b'/proc/self/fd/%d' % made, -100, b'/srv/pit-unnamed/out/x', 0x400) == 0
os.unlink('/srv/pit-unnamed/out/x')
more = os.open('/srv/pit-unnamed/more', os.O_PATH)
os.mkdir('/proc/self/fd/%d/made' % more); os.rmdir('/dev/fd/%d/made' % more)`),
    },
  },
  {
    name: 'pit-moves',
    about: 'rename and link between two directories: both must lie in one mount',
    unit: 'Type=oneshot\nExecStart=/opt/pit/moves',
    prepare: 'mkdir -p /srv/pit-moves/in /srv/pit-moves/out',
    files: {
      '/opt/pit/moves': python(`
d = '/srv/pit-moves/'
open(d + 'in/a', 'w').write('1'); os.rename(d + 'in/a', d + 'out/a'); os.link(d + 'out/a', d + 'in/b'); os.unlink(d + 'in/b'); os.unlink(d + 'out/a')`),
    },
    strict: /^ReadWritePaths=\/srv\/pit-moves$/m,
    tmpfs: /^BindPaths=\/srv\/pit-moves$/m,
  },
  {
    name: 'pit-replaced',
    about: 'a file that is replaced by rename: EBUSY, were it a mount of its own',
    unit: 'Type=oneshot\nExecStart=/opt/pit/replaced',
    prepare: 'mkdir -p /etc/pit-replaced; echo 1 >/etc/pit-replaced/conf',
    files: {
      '/opt/pit/replaced': python(`
c = '/etc/pit-replaced/conf'
n = int(open(c).read()) + 1
open(c + '.new', 'w').write(str(n)); os.rename(c + '.new', c); assert open(c).read() == str(n)`),
    },
    strict: /^ReadWritePaths=\/etc\/pit-replaced$/m,
  },
  {
    name: 'pit-state',
    about:
      'a state directory that the service makes itself, and that is missing again: 226/NAMESPACE, were it just listed',
    unit: 'Type=oneshot\nExecStart=/opt/pit/state',
    files: {
      '/opt/pit/state': python(`
d = '/var/lib/pit-state'
os.makedirs(d, exist_ok=True); open(d + '/x', 'w').write('1'); os.rename(d + '/x', d + '/y')`),
    },
    reboot: 'rm -rf /var/lib/pit-state',
    strict: /^StateDirectory=pit-state$/m,
    never: /^(?:ReadWritePaths|BindPaths)=-?\/var\/lib$/m,
  },
  {
    name: 'pit-run',
    about: 'a run-time directory that the service makes itself, with a socket and a PID file, gone after a boot',
    unit: 'Type=forking\nPIDFile=/run/pit-run/pid\nExecStart=/opt/pit/run',
    files: {
      '/opt/pit/run': python(`
d = '/run/pit-run'
if not os.path.isdir(d): os.mkdir(d)
s = socket.socket(socket.AF_UNIX)
if os.path.exists(d + '/s'): os.unlink(d + '/s')
s.bind(d + '/s'); s.listen()
r, w = os.pipe()
if os.fork(): os.read(r, 1); os._exit(0)
os.setsid(); open(d + '/pid', 'w').write(str(os.getpid())); os.write(w, b'x')
while True: s.accept()[0].close()`),
    },
    reboot: 'rm -rf /run/pit-run',
    after: 'python3 -c "import socket; socket.socket(socket.AF_UNIX).connect(\'/run/pit-run/s\')"',
    strict: /^RuntimeDirectory=pit-run$/m,
    never: /^(?:ReadWritePaths|BindPaths)=-?\/run$/m,
  },
  {
    name: 'pit-group',
    about: 'a directory of /run that is its group’s: systemd would give it to the group of the unit',
    unit: 'Type=oneshot\nExecStart=/opt/pit/group',
    prepare:
      'echo "d /run/pit-group 0775 root games" >/etc/tmpfiles.d/pit-group.conf; systemd-tmpfiles --create pit-group.conf',
    files: {
      '/opt/pit/group': python(`
import grp
os.setgroups([]); os.setgid(grp.getgrnam('games').gr_gid); os.setuid(65534)
open('/run/pit-group/x', 'w').write('1'); os.unlink('/run/pit-group/x')`),
    },
    reboot: 'rm -rf /run/pit-group; systemd-tmpfiles --create pit-group.conf',
    strict: /^ReadWritePaths=-\/run\/pit-group$/m,
    never: /^RuntimeDirectory=/m,
  },
  {
    name: 'pit-given',
    about: 'a directory of /run that commands of the unit make and give away, gone after a boot',
    unit: 'Type=oneshot\nExecStartPre=/bin/mkdir -p -m 740 /run/pit-given\nExecStartPre=/bin/chown nobody /run/pit-given\nExecStart=/opt/pit/given',
    files: {
      '/opt/pit/given': python(`
os.setgroups([]); os.setgid(65534); os.setuid(65534)
open('/run/pit-given/x', 'w').write('1')`),
    },
    reboot: 'rm -rf /run/pit-given',
    strict: /\/run\/pit-given is made in it after a boot.*\nReadWritePaths=\nReadWritePaths=\/run$/m,
    never: /^RuntimeDirectory=/m,
  },
  {
    name: 'pit-pid',
    about: 'fork, setuid, and a PID file in /run itself, which must stay one mount with the host',
    unit: 'Type=forking\nPIDFile=/run/pit.pid\nExecStart=/opt/pit/pid',
    files: {
      '/opt/pit/pid': python(`
import time
r, w = os.pipe()
if os.fork(): os.read(r, 1); os._exit(0)
open('/run/pit.pid', 'w').write(str(os.getpid()))
os.setgroups([]); os.setgid(65534); os.setuid(65534); os.write(w, b'x')
time.sleep(60)`),
    },
    after: '[ "$(ps -o user= -p $(systemctl show --value -p MainPID pit-pid))" = nobody ]',
    strict: /^ReadWritePaths=\/run$/m,
  },
  {
    name: 'pit-names',
    about: 'blanks, percent, quotes, backslashes and colons in names',
    unit: 'Type=oneshot\nExecStart=/opt/pit/names',
    prepare: `python3 -c 'import os
for n in ("a b", "50%n", "q\\"uote", "back\\\\x41slash", "co:lon"): os.makedirs("/srv/pit-names/" + n); open("/srv/pit-names/" + n + " read", "w").write("1")'`,
    files: {
      '/opt/pit/names': python(`
for n in ('a b', '50%n', 'q"uote', 'back\\\\x41slash', 'co:lon'):
    open('/srv/pit-names/' + n + '/f', 'w').write('1'); assert open('/srv/pit-names/' + n + ' read').read() == '1'`),
    },
    strict: /^ReadWritePaths="\/srv\/pit-names\/back\\\\x41slash"$/m,
    never: /^(?:ReadWritePaths|BindPaths)=-?\/srv(?:\/pit-names)?$/m,
  },
  {
    name: 'pit-unspeakable',
    about: 'names that a unit file cannot hold: newlines, bytes that are not UTF-8',
    unit: 'Type=oneshot\nExecStart=/opt/pit/unspeakable',
    prepare: `python3 -c 'import os
for n in (b"new\\nline", b"latin-\\xe9"): os.makedirs(b"/srv/pit-unspeakable/" + n); open(b"/srv/pit-unspeakable/" + n + b" read", "w").write("1")'`,
    files: {
      '/opt/pit/unspeakable': python(`
for n in (b'new\\nline', b'latin-\\xe9'):
    open(b'/srv/pit-unspeakable/' + n + b'/f', 'w').write('1'); assert open(b'/srv/pit-unspeakable/' + n + b' read').read() == '1'`),
    },
    strict: /a name in it cannot be written in a unit file.*\nReadWritePaths=\nReadWritePaths=\/srv\/pit-unspeakable$/m,
  },
  {
    name: 'pit-jail',
    about: 'a chroot: what is used in it lies elsewhere on the host',
    unit: 'Type=oneshot\nExecStart=/opt/pit/jail',
    prepare:
      'mkdir -p /srv/pit-jail/etc /srv/pit-jail/data; echo 1 >/srv/pit-jail/etc/conf; chown nobody /srv/pit-jail/data',
    files: {
      '/opt/pit/jail': python(`
import encodings.idna
os.chroot('/srv/pit-jail'); os.chdir('/'); os.setgroups([]); os.setgid(65534); os.setuid(65534)
assert open('/etc/conf').read() == '1\\n'
open('/data/x', 'w').write('1'); os.rename('/data/x', '/data/y')`),
    },
    strict: /^ReadWritePaths=\/srv\/pit-jail\/data$/m,
    tmpfs: /^BindReadOnlyPaths=-\/srv\/pit-jail\/etc\/conf$/m,
  },
  {
    name: 'pit-tmp',
    about: 'a socket in /tmp that others use: no PrivateTmp=',
    unit: 'Type=notify\nExecStart=/opt/pit/tmp',
    files: {
      '/opt/pit/tmp': python(`
s = socket.socket(socket.AF_UNIX)
if os.path.exists('/tmp/pit-socket'): os.unlink('/tmp/pit-socket')
s.bind('/tmp/pit-socket'); s.listen()
ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); ready.connect(os.environ['NOTIFY_SOCKET']); ready.send(b'READY=1')
while True: s.accept()[0].close()`),
    },
    after: 'python3 -c "import socket; socket.socket(socket.AF_UNIX).connect(\'/tmp/pit-socket\')"',
    never: /^PrivateTmp=yes$/m,
  },
  {
    name: 'pit-root',
    about: 'an entry in / itself: all else there that was not changed stays read-only',
    unit: 'Type=oneshot\nExecStart=/opt/pit/root',
    prepare: 'mkdir -p /var/lib/pit-root /run/pit-root',
    files: {
      '/opt/pit/root': python(`
os.mkdir('/pit-made'); os.rmdir('/pit-made')
open('/var/lib/pit-root/x', 'w').write('1')
def writable(path):
  try: os.close(os.open(path + '/pit-probe', os.O_CREAT | os.O_WRONLY)); os.unlink(path + '/pit-probe'); return True
  except OSError: return False
if os.path.exists('/etc/pit-hardened'): assert not [path for path in ('/etc', '/usr', '/usr/bin', '/var/spool', '/run/systemd') if writable(path)]`),
    },
    reboot: 'touch /etc/pit-hardened',
    after: 'rm /etc/pit-hardened',
    strict: /^ReadOnlyPaths=.*-\/etc /m,
    tmpfs: /^ReadOnlyPaths=.*-\/etc /m,
  },
  {
    name: 'pit-user',
    about: 'a low port, then another user: started as him, with the capability',
    unit: 'Type=oneshot\nExecStart=/opt/pit/user',
    options: ['--as-user'],
    prepare: 'useradd --system pit-user; mkdir -p /var/lib/pit-user; chown pit-user /var/lib/pit-user',
    files: {
      '/opt/pit/user': python(`
import pwd
user = pwd.getpwnam('pit-user')
socket.socket().bind(('127.0.0.1', 81))
if os.getuid() == 0: os.setgroups([]); os.setgid(user.pw_gid); os.setuid(user.pw_uid)
elif os.getresuid() != (user.pw_uid,) * 3: sys.exit(3)
open('/var/lib/pit-user/x', 'w').write('1')`),
    },
    strict: /^User=pit-user$[\s\S]*^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m,
    tmpfs: /^User=pit-user$[\s\S]*^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m,
  },
  {
    name: 'pit-home',
    about: 'files of a home that are read, and some that are written',
    unit: 'Type=oneshot\nExecStart=/opt/pit/home',
    prepare: 'useradd --create-home pit; mkdir /home/pit/out; echo 1 >/home/pit/conf; echo 1 >/home/pit/secret',
    files: {
      '/opt/pit/home': python(`
assert open('/home/pit/conf').read() == '1\\n'
open('/home/pit/out/x', 'w').write('1'); os.rename('/home/pit/out/x', '/home/pit/out/y')`),
    },
    strict: /^ProtectHome=read-only$/m,
    tmpfs: /^BindReadOnlyPaths=-\/home\/pit\/conf$/m,
    never: /pit\/secret|^BindReadOnlyPaths=-?\/home\/pit$/m,
  },
  {
    name: 'pit-rc',
    about: "a file in root's home itself: ProtectHome=read-only comes before what makes it writable",
    unit: 'Type=oneshot\nExecStart=/opt/pit/rc',
    files: {
      '/opt/pit/rc': python(`
open('/root/.pit', 'w').write('1'); os.rename('/root/.pit', '/root/.pitrc'); os.unlink('/root/.pitrc')`),
    },
    strict: /^InaccessiblePaths=-\/home -\/run\/user$/m,
    never: /^ProtectHome=/m,
  },
  {
    name: 'pit-tops',
    about: "files in /run, /srv and root's home themselves: no read-only tmpfs may be where all must be writable",
    unit: 'Type=oneshot\nExecStart=/opt/pit/tops',
    prepare: 'mkdir -p /home/pit; echo 1 >/home/pit/note',
    files: {
      '/opt/pit/tops': python(`
for top in '/run', '/srv', '/root':
  open(top + '/.pit', 'w').write('1'); os.rename(top + '/.pit', top + '/.pits'); os.unlink(top + '/.pits')
assert open('/home/pit/note').read()`),
    },
  },
  {
    name: 'pit-list',
    about: 'all of /etc is listed: /etc/mtab leads to the mounts of whoever asks',
    unit: 'Type=oneshot\nExecStart=/opt/pit/list',
    prepare: 'ln -sfn ../proc/self/mounts /etc/mtab',
    files: {
      '/opt/pit/list': python(`
for name in os.listdir('/etc'): os.path.exists('/etc/' + name)
assert open('/etc/mtab').read()`),
    },
    never: /\/proc\/\d/,
  },
  {
    name: 'pit-look',
    about:
      'a directory that was only looked at: with tmpfs it is there, and empty, also where it is a symlink elsewhere',
    unit: 'Type=oneshot\nExecStart=/opt/pit/look',
    prepare: 'mkdir -p /srv/look; echo 1 >/srv/look/secret; ln -sfn look /srv/seen',
    files: {
      '/opt/pit/look': python(`
assert os.path.isdir('/srv/look') and os.path.isdir('/srv/seen')
os.chdir('/srv/look')`),
    },
    tmpfs: /^TemporaryFileSystem=\/srv\/look:ro$/m,
    never: /Paths=\/srv\/(?:look|seen)/,
  },
  {
    name: 'pit-redirect',
    about: 'a shell that redirects to /dev/null, which is there in a private /dev',
    unit: 'Type=oneshot\nExecStart=/opt/pit/redirect',
    files: { '/opt/pit/redirect': '#!/bin/sh\necho 1 >/dev/null\n' },
    strict: /^PrivateDevices=yes$/m,
    tmpfs: /^PrivateDevices=yes$/m,
  },
  {
    name: 'pit@one',
    about: 'a template: what one instance did is allowed to another one below its own name',
    unit: 'Type=oneshot\nExecStart=/opt/pit/instance %i',
    prepare: 'mkdir -p /srv/pit-one /srv/pit-two; echo 1 >/srv/pit-one/conf; echo 1 >/srv/pit-two/conf',
    files: {
      '/opt/pit/instance': python(`
d = '/srv/pit-' + sys.argv[1]
assert open(d + '/conf').read() == '1\\n'
open(d + '/x', 'w').write('1'); os.rename(d + '/x', d + '/y')`),
    },
    other: 'pit@two',
    strict: /^ReadWritePaths=\/srv\/pit-%i$/m,
    tmpfs: /^BindPaths=\/srv\/pit-%i$/m,
  },
];
