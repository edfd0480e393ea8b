# Does one thing a sandbox may forbid, and prints `ok`, what it saw, or the errno. The things are the functions below.
import ctypes, errno, mmap, os, signal, socket, struct, subprocess, sys

libc = ctypes.CDLL(None, use_errno=True)
X86 = {'personality': 135, 'clock_settime': 227, 'sethostname': 170, 'syslog': 103, 'init_module': 175, 'unshare': 272, 'clone3': 435,
       'openat2': 437, 'sched_setscheduler': 144, 'chroot': 161, 'mount': 165, 'mprotect': 10, 'capset': 126, 'sched_setattr': 314}

def call(name, *args):
    ctypes.set_errno(0)
    if libc.syscall(X86[name], *args) < 0: raise OSError(ctypes.get_errno(), name)

def status(field):
    for line in open('/proc/self/status'):
        if line.startswith(field + ':'): print(line.split()[1]); sys.exit()

def nothing(): pass
def no_new_privileges(): status('NoNewPrivs')
def bounding(): status('CapBnd')
def ambient(): status('CapAmb')
def set_gid_directory(): os.mkdir('/srv/scratch/d%d' % os.getpid()); os.chmod('/srv/scratch/d%d' % os.getpid(), 0o2775)
def openat2(): call('openat2', -100, b'/etc/passwd', ctypes.create_string_buffer(24), 24)
def clone3(): call('clone3', ctypes.create_string_buffer(64), 0)
def thread():
    import threading
    done = threading.Thread(target=nothing); done.start(); done.join()
def other_device(): os.stat('/dev/test-device')
def exec_in_dev(): mmap.mmap(os.open('/dev/zero', os.O_RDWR), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
def make_in_dev(): open('/dev/made', 'w')
def redirect_to_null(): os.open('/dev/null', os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
def use_shm(): open('/dev/shm/made%d' % os.getpid(), 'w')
def proc_of_manager(): os.stat('/proc/1/status')
def proc_mounts(): open('/proc/mounts')
def proc_net(): open('/proc/net/dev')
def proc_self(): open('/proc/self/mounts')
def ngroups_max(): print(os.sysconf('SC_NGROUPS_MAX') > 1000)
def write_tunable(): open('/proc/sys/vm/swappiness', 'w')
def read_tunable(): open('/proc/sys/vm/swappiness')
def write_cgroup(): os.mkdir('/sys/fs/cgroup/made')
def modules(): os.stat('/usr/lib/modules')
def load_module(): call('init_module', 0, 0, 0)
def kernel_log_file(): open('/proc/kmsg')
def kernel_log(): call('syslog', 3, ctypes.create_string_buffer(10), 10)
def kmsg(): open('/dev/kmsg')
def set_clock(): call('clock_settime', 0, 0)
def set_hostname(): call('sethostname', b'x', 1)
def tcp(): socket.socket(socket.AF_INET)
def unix(): socket.socket(socket.AF_UNIX)
def pair(): socket.socketpair()
def netlink(): socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
def packet(): socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
def low_port(): socket.socket().bind(('127.0.0.1', 80))
def reach(): socket.create_connection(('127.0.0.1', int(open('/srv/port').read())), 2)
def unshare_mounts(): call('unshare', 0x00020000)
def unshare_uts(): call('unshare', 0x04000000)
def executable_memory(): mmap.mmap(-1, 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
def other_personality(): call('personality', 8)
def realtime(): os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
def uid_map(): print(open('/proc/self/uid_map').read().split()[:3])
def owner(): print(os.stat('/srv/foreign').st_uid)
def give_away(): os.chown('/srv/scratch', 7, 7)
def become(): os.setuid(7)
def chroot(): os.chroot('/srv')
def set_groups(): os.setgroups([7])
def own_cgroup(): print(open('/proc/self/cgroup').read().strip().splitlines()[-1] == '0::/')
def bpf_mount(): print(any(line.split()[4] == '/sys/fs/bpf' for line in open('/proc/self/mountinfo')))
def own_tmp(): print(any(line.split()[4] == '/tmp' and line.split()[3] != '/' for line in open('/proc/self/mountinfo')))
def make_in_home(): open('/home/made%d' % os.getpid(), 'w')
def set_attributes(): call('sched_setattr', 0, struct.pack('=IIQiIQQQ', 48, 0, 0, 0, 0, 0, 0, 0), 0)
def unshare_time(): call('unshare', 0x00000080)
def umask(): open('/srv/scratch/u%d' % os.getpid(), 'w'); print(oct(os.stat('/srv/scratch/u%d' % os.getpid()).st_mode & 0o777))
def first_process(): print(os.getpid() == 1)
def ignores_term(): signal.signal(signal.SIGTERM, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGTERM)
def signal_server(): os.kill(int(open('/srv/server').read()), 0)
def bind_port(): socket.socket().bind(('127.0.0.1', 8321))
def bind_udp(): socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(('127.0.0.1', 8321))
def bind_6(): socket.socket(socket.AF_INET6).bind(('::1', 8321))
def bind_any(): socket.socket().bind(('127.0.0.1', 0))
def exec_in_tmp(): open('/tmp/true', 'wb').write(open('/bin/true', 'rb').read()); os.chmod('/tmp/true', 0o755); os.execv('/tmp/true', ['true'])
def timer(): signal.setitimer(signal.ITIMER_REAL, 0)
def mount(): call('mount', b'none', b'/mnt', b'tmpfs', 0, 0)
def read_foreign(): open('/srv/foreign')
def write_foreign(): open('/srv/foreign', 'a')
def chmod_foreign(): os.chmod('/srv/foreign', 0o600)
def move():
    name = 'm%d' % os.getpid()
    open('/srv/scratch/' + name, 'w'); os.rename('/srv/scratch/' + name, '/srv/other/' + name)
def inherit():
    none = (ctypes.c_uint32 * 6)(0, 0, 1 << 12)
    call('capset', (ctypes.c_uint32 * 2)(0x20080522, 0), none)
def enter_foreign(): os.stat('/srv/foreign-directory/x')

try:
    globals()[sys.argv[1]]()
    print('ok')
except OSError as error:
    print(errno.errorcode[error.errno])
except RuntimeError as error:
    print(error)
