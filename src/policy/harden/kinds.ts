// THE TABLE of kinds of programs that a sandbox is known to break, and how a program or a unit shows that it is one. What is concluded here only
// withholds: a word too many makes the base weaker, never the service broken. Sources: systemd.exec(5) under the directive that each breaks; the
// manual pages of the functions; the units that Debian 12 ships, for what their authors left open.

import type { FileWords, UnitWords } from './words.ts';

/** How a kind shows; any one is enough. Functions are those that the program takes from a library. */
interface KindRow {
  /** For the reader: what such a program does. */
  says: string;
  imports?: readonly string[];
  importing?: RegExp;
  libraries?: RegExp;
  /** In programs and scripts. */
  texts?: RegExp;
  /** In lines of the unit, and in its configuration where `configured`. */
  lines?: RegExp;
  configured?: RegExp;
  /** The name of a program. */
  programs?: RegExp;
}

const words = (text: string): string[] => text.split(' ');

// biome-ignore format: one row a kind
export const KINDS = {
  'jit':            { says: 'compiles code into memory while it runs', importing: /^pcre2?_jit_(?:stack|compile)|^pcre_study$|^LLVM|^luaJIT_|^ffi_closure_alloc$|^mono_jit/, libraries: /^lib(?:node|v8|mozjs|javascriptcoregtk|jvm|mono|luajit|LLVM|gccjit|coreclr|orc|ruby|php|julia|guile)/, texts: /libjvm\.so|llvmjit|opcache\.jit/, programs: /^(?:node|nodejs|java|php|mono|dotnet|beam|erl|guile|luajit|ruby|pypy|qemu|mongod|deno|bun)/ },
  'stack':          { says: 'asks for an executable stack' },
  'interpreted':    { says: 'is run by an interpreter, whose modules are not looked at', libraries: /^lib(?:python|perl|ruby|tcl|guile)/, programs: /^(?:python|perl|node|nodejs|java|php|ruby|lua|tclsh|guile|mono|dotnet)/ },
  'set-id':         { says: 'starts programs that gain rights', texts: /\b(?:sudo|pkexec|newuidmap|fusermount3?)\b/ },
  'passwords':      { says: 'checks passwords through PAM, with a set-id helper where it is not root', imports: ['pam_start', 'pam_authenticate'], libraries: /^libpam\.so/ },
  'login':          { says: 'opens sessions for users', imports: ['pam_open_session', 'login_tty'], lines: /^(?:PAMName|TTYPath)=.|^StandardInput=tty/ },
  'jobs':           { says: 'runs what others write', texts: /\/var\/spool\/(?:cron|at)\b|\/etc\/cron/, programs: /^(?:cron|crond|atd|anacron|fcron|systemd-run|agetty|x?inetd|supervisord|monit|dbus-(?:daemon|broker-launch)|runsvdir|s6-svscan|salt-minion|puppet|chef-client|jenkins|gitlab-runner)$/ },
  'containers':     { says: 'runs containers or virtual machines', texts: /\b(?:runc|crun|containerd|libvirt|systemd-nspawn)\b/, libraries: /^lib(?:lxc|virt|podman)/, lines: /^Delegate=(?!no|false|0)./ },
  'packages':       { says: 'installs software', texts: /\/var\/lib\/(?:dpkg|apt|rpm|flatpak|snapd)\b|\b(?:apt-get|packagekit)\b/ },
  'mail':           { says: 'delivers mail to users', texts: /\bsmtpd?\b.*\bmaildir\b|\.forward\b|\/var\/(?:spool\/)?mail\b|\bLMTP\b/i },
  'file-server':    { says: 'makes files as its clients say', programs: /ftp|smbd|samba|nfs|rsync|webdav|syncthing|netatalk|afpd/ },
  'homes':          { says: 'names homes', texts: /(?:^|[^\w.])\/(?:home|root)\b|~\/\.|\.ssh\/|public_html/, lines: /(?:=|\s|:)[-+]?\/(?:home|root)\b|%h|^ProtectHome=(?:no|false|read-only|tmpfs)/, configured: /(?:^|[\s"'=])\/(?:home|root)\//m },
  'clock':          { says: 'sets the clock', imports: words('clock_settime settimeofday adjtimex ntp_adjtime clock_adjtime stime'), texts: /\/dev\/(?:rtc|pps|ptp)/, lines: /CAP_SYS_TIME|CAP_WAKE_ALARM/ },
  'hostname':       { says: 'sets the host name', imports: words('sethostname setdomainname'), texts: /\/proc\/sys\/kernel\/(?:hostname|domainname)/ },
  'modules':        { says: 'loads kernel modules', imports: words('init_module finit_module delete_module'), libraries: /^libkmod/, texts: /\bmodprobe\b|\binsmod\b|\/lib\/modules/, lines: /CAP_SYS_MODULE/ },
  'kernel-log':     { says: 'reads the kernel log', imports: ['klogctl'], texts: /\/(?:dev|proc)\/kmsg|\bimklog\b/, lines: /CAP_SYSLOG/ },
  'devices':        { says: 'uses devices', libraries: /^lib(?:usb|udev|gudev|drm|asound|pcsclite|bluetooth|devmapper|gpiod|v4l|input|nvidia|cuda|vdpau|va|hidapi|ftdi|blkid)/, texts: /\/dev\/(?!null\b|zero\b|full\b|u?random\b|srandom\b|arandom\b|hwrng\b|crypto\b|egd-pool\b|tty(?![\w])|console\b|log\b|shm\b|fd\b|std(?:in|out|err)\b|pts\b|ptmx\b|poll\b|epoll\b|%)[\w]/, lines: /^(?:DeviceAllow|DevicePolicy)=.|\/dev\/(?!null\b|zero\b|full\b|u?random\b|srandom\b|arandom\b|hwrng\b|crypto\b|egd-pool\b|tty(?![\w])|console\b|log\b|shm\b|fd\b|std(?:in|out|err)\b|pts\b|ptmx\b|poll\b|epoll\b|%)[\w]|\bdev-\S+\.device|CAP_(?:SYS_RAWIO|MKNOD)/, configured: /(?:^|[\s"'=])\/dev\/(?!null\b|u?random\b|log\b|shm\b|std)/m },
  'raw-io':         { says: 'reaches hardware', imports: words('iopl ioperm inb outb') },
  'namespaces':     { says: 'makes or enters namespaces', imports: words('unshare setns clone'), texts: /CLONE_NEW|\bunshare\b|\bnsenter\b|\/proc\/[^/\s]+\/ns\// },
  'mounts':         { says: 'mounts file systems', imports: words('mount umount umount2 fsopen'), importing: /^mnt_context_(?:do_)?u?mount$/, libraries: /^libfuse/, texts: /\bs?bin\/u?mount\b/, lines: /^(?:MountFlags|PrivateMounts)=|CAP_SYS_ADMIN/ },
  'chroot':         { says: 'changes its root directory', imports: ['chroot'] },
  'personality':    { says: 'changes its execution domain', imports: ['personality'], texts: /\bsetarch\b/ },
  'realtime':       { says: 'schedules in real time', imports: words('sched_setscheduler sched_setparam sched_setattr pthread_setschedparam pthread_attr_setschedpolicy'), texts: /\bchrt\b|\brtkit/i, lines: /^CPUSchedulingPolicy=(?!other|batch|idle)|CAP_SYS_NICE/ },
  'tracer':         { says: 'looks into other processes', imports: words('ptrace process_vm_readv process_vm_writev perf_event_open kcmp'), texts: /\b(?:gdb|strace|perf_event_open)\b/, lines: /CAP_SYS_PTRACE/ },
  'monitor':        { says: 'looks at other processes in /proc', libraries: /^lib(?:proc-?[2n]|procps|systemd-shared)/, texts: /\/proc\/%|\/proc\/\$|\bpidof\b|\bpgrep\b|\/proc\/"/ },
  'cgroups':        { says: 'changes control groups', texts: /\/sys\/fs\/cgroup/, lines: /^Delegate=(?!no|false|0)./ },
  'tunables':       { says: 'may change kernel variables', texts: /\/proc\/sys\/(?!kernel\/(?:ngroups_max|random|cap_last_cap|osrelease|ostype|overflow[ug]id|pid_max|threads-max|hostname|domainname)|fs\/(?:nr_open|file-max)|net\/core\/somaxconn|net\/ipv4\/(?:ip_local_port_range|tcp_fastopen)|vm\/(?:overcommit_memory|max_map_count))|(?<!\/proc)\/sys\/(?!devices\/system\/(?:cpu|node)|kernel\/mm\/|fs\/selinux|fs\/cgroup|class\/net)[a-z]+\/|\bsysctl\b/ },
  'writes-etc':     { says: 'may write its configuration', texts: /\/etc\/[\w./%-]*(?:\.(?:tmp|new|bak|old|lock|save|XXXXXX)|~)(?!\w)|\/etc\/resolv\.conf\.|resolvconf/, programs: /^(?:dhc|dhcp|NetworkManager|cupsd|wpa_|connman|puppet|chef|ansible)/ },
  'tmp':            { says: 'meets other programs in /tmp', texts: /\/tmp\/(?:\.(?:X11|ICE|font)-unix|krb5cc|\.s\.|[\w.-]*sock)/, lines: /^JoinsNamespaceOf=.|(?:=|\s)[-+]?\/(?:var\/)?tmp\//, configured: /(?:^|[\s"'=])\/(?:var\/)?tmp\/[\w.-]+/m },
  'raw-network':    { says: 'sends and receives packets as they are', importing: /^pcap_/, libraries: /^lib(?:pcap|net|dumbnet)\./, texts: /\b[AP]F_PACKET\b|packet socket|raw socket|\bdhcp(?:d|c|cd|v4)?\b|\bpcap\b/i, lines: /CAP_NET_RAW|AF_PACKET|dhcp/i },
  'other-network':  { says: 'uses other kinds of sockets', libraries: /^lib(?:bluetooth|tipc|kcapi|socketcan|vsock|sctp|xdp|bpf)/, texts: /\b[AP]F_(?!UNIX\b|LOCAL\b|INET6?\b|NETLINK\b|PACKET\b|UNSPEC\b|ROUTE\b|LINK\b|MAX\b)[A-Z]{2,}|\bvsock:|\bpfkey\b/, lines: /^RestrictAddressFamilies=(?!~).*AF_(?!UNIX|INET6?|NETLINK|PACKET)/ },
  'foreign':        { says: 'runs programs of other architectures', texts: /\bwine\b|\bqemu-(?:user|i386|x86_64|arm)|ld-linux\.so\.2/, programs: /^(?:wine|qemu|box64|fex)/ },
  'reboots':        { says: 'ends or restarts the machine', imports: ['reboot'], texts: /\bs?bin\/(?:reboot|shutdown|poweroff|halt)\b/ },
  'accounts':       { says: 'accounts and audits what processes do', imports: ['acct'], libraries: /^lib(?:audit|auparse)\./, lines: /CAP_AUDIT/ },
  'swaps':          { says: 'changes swap space', imports: words('swapon swapoff') },
} as const satisfies Readonly<Record<string, KindRow>>;

export type Kind = keyof typeof KINDS;
const isKind = (name: string): name is Kind => Object.hasOwn(KINDS, name);
const ROWS: readonly (readonly [Kind, KindRow])[] = Object.entries(KINDS).flatMap(([kind, row]) =>
  isKind(kind) ? [[kind, row] as const] : [],
);

/** What a unit denies itself tells of nothing that it does. */
const DENIES = /^\w+=~|^(?:Inaccessible|ReadOnly|NoExec)Paths=/;
const shown = (text: string): string => text.trim().slice(0, 60);

function inFile(row: KindRow, file: FileWords): string | null {
  const { path, kind, imports, libraries, text } = file;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (kind === 'configuration') {
    const found = row.configured?.exec(text)?.[0];
    return found === undefined ? null : `${path} says ${shown(found)}`;
  }
  if (row.programs?.test(name) === true) return `${path} is one by its name`;
  const taken =
    row.imports?.find(one => imports.has(one)) ?? [...imports].find(one => row.importing?.test(one) === true);
  if (taken !== undefined) return `${path} calls ${taken}()`;
  const library = libraries.find(one => row.libraries?.test(one) === true);
  if (library !== undefined) return `${path} uses ${library}`;
  const found = row.texts?.exec(text)?.[0];
  return found === undefined ? null : `${path} holds «${shown(found)}»`;
}

/** How a unit shows that it is of a kind; null: it does not. */
function evidenceOf(kind: Kind, row: KindRow, unit: UnitWords): string | null {
  const { files, lines, privileged, home } = unit;
  const [gains] = privileged;
  if (kind === 'set-id' && gains !== undefined) return `${gains.namedIn} names ${gains.path}, which gains rights`;
  const stack = files.find(({ executableStack }) => executableStack);
  if (kind === 'stack' && stack !== undefined) return `${stack.path} says so in its header`;
  if (kind === 'homes' && home !== null && /^\/(?:home|root)(?:\/|$)/.test(home)) return `its user lives in ${home}`;
  const line = lines.find(one => !DENIES.test(one) && row.lines?.test(one) === true);
  if (line !== undefined) return shown(line);
  for (const file of files) {
    const found = inFile(row, file);
    if (found !== null) return found;
  }
  return null;
}

/** The kinds that a unit shows to be, each with how. */
export const kindsOf = (unit: UnitWords): ReadonlyMap<Kind, string> =>
  new Map(
    ROWS.flatMap(([kind, row]) => {
      const evidence = evidenceOf(kind, row, unit);
      return evidence === null ? [] : [[kind, evidence] as const];
    }),
  );
