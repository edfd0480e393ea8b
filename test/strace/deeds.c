// deeds FILE  does some two hundred things that tell something of a service, in the directory it is started in, and writes to FILE what it
// did: a line for each thing that must be in a profile, as fields with tabs between them, and the errno where the kernel refused.
// `@` stands for the directory. The calls are made without libc in between, so that every log of it holds the same ones.
// Much of it needs root; without, it is refused, which a profile must hold just as well.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

#define SAID_BYTES (1 << 18)
/** Shared by all processes. */
static struct said { char text[SAID_BYTES]; int length; } *said;
static long last;

static void say(const char *what) {
	char line[512];
	// What failed for another reason shows no need.
	if (last < 0 && errno != EPERM && errno != EACCES && strncmp(what, "capability", 10) == 0) return;
	int length = last < 0 && errno != EINPROGRESS
		? snprintf(line, sizeof line, "%s\terrno=%s\n", what, strerrorname_np(errno))
		: snprintf(line, sizeof line, "%s\n", what);
	memcpy(said->text + __atomic_fetch_add(&said->length, length, __ATOMIC_SEQ_CST), line, length);
}

/** Makes a call, and says what a profile must hold because of it. */
#define DID(what, ...) (last = syscall(__VA_ARGS__), say(what), last)
/** And this as well. */
#define ALSO(what) say(what)
/** A call that leads to what comes next. */
#define DO(...) (last = syscall(__VA_ARGS__))

#define PATH(mode, path) "path\tmode=" mode "\tpath=" path
#define SOCKET(family, type, protocol) "socket\tfamily=" family "\ttype=" type "\tprotocol=" protocol
#define NEEDS(capability, call) "capability\tname=" capability "\tsyscall=" call
#define FEATURE(name) "feature\tname=" name
#define VALUED(name, value) "feature\tname=" name "\tvalue=" value
#define NAMESPACE(type, call) "namespace\ttype=" type "\tcall=" call

static void files(void) {
	int fd = DID(PATH("create", "@/new"), SYS_openat, AT_FDCWD, "new", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ALSO(PATH("write", "@/new"));
	ALSO(VALUED("made-for-others", "044"));
	DO(SYS_write, fd, "deed", 4);
	DID(PATH("meta", "@/new"), SYS_fchmod, fd, 0600);
	DID(PATH("meta", "@/new"), SYS_fchown, fd, 0, 0);
	DO(SYS_close, fd);
	DID(PATH("read", "@/new"), SYS_open, "new", O_RDONLY);
	DID(PATH("write", "@/appended"), SYS_open, "appended", O_WRONLY | O_CREAT | O_APPEND, 0600);
	DID(PATH("write", "@/created"), SYS_creat, "created", 0600);
	DID(PATH("stat", "@/created"), SYS_openat, AT_FDCWD, "created", O_PATH | O_CLOEXEC);
	int here = DID(PATH("list", "@"), SYS_openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int etc = DID(PATH("list", "/etc"), SYS_openat, AT_FDCWD, "/etc", O_RDONLY | O_DIRECTORY);
	DID(PATH("read", "/etc/passwd"), SYS_openat, etc, "passwd", O_RDONLY | O_NOFOLLOW);
	DID(PATH("read", "@/etc/passwd"), SYS_openat2, here, "/etc/passwd",
		&(struct open_how){ .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT }, sizeof(struct open_how));
	DID(PATH("create", "@/how"), SYS_openat2, here, "how",
		&(struct open_how){ .flags = O_RDWR | O_CREAT, .mode = 0640 }, sizeof(struct open_how));
	DID("path\tmode=create\tpath=@/#*\tpattern=true", SYS_openat, AT_FDCWD, ".", O_RDWR | O_TMPFILE, 0600);
	DID(PATH("write", "@/new"), SYS_openat, AT_FDCWD, "new", O_RDONLY | O_TRUNC);
	DID(NEEDS("CAP_FOWNER", "openat") "\tcertain=false", SYS_openat, AT_FDCWD, "new", O_RDONLY | O_NOATIME);
	DID(VALUED("suid-sgid", "04755"), SYS_openat, AT_FDCWD, "set-uid", O_WRONLY | O_CREAT, 04755);
	DID(PATH("read", "/dev/null"), SYS_openat, AT_FDCWD, "/dev/null", O_RDWR);
	ALSO(PATH("write", "/dev/null"));
	DID(PATH("read", "/proc/self/stat"), SYS_openat, AT_FDCWD, "/proc/self/stat", O_RDONLY);
	DID(PATH("read", "/dev/kmsg"), SYS_openat, AT_FDCWD, "/dev/kmsg", O_RDONLY | O_NONBLOCK);
	ALSO(NEEDS("CAP_SYSLOG", "openat") "\tcertain=false");
	DID(PATH("read", "@/with \"quotes\" and\ttab"), SYS_openat, AT_FDCWD, "with \"quotes\" and\ttab", O_RDONLY);

	DID(PATH("stat", "@/looked"), SYS_newfstatat, AT_FDCWD, "looked", &(struct stat){ 0 }, AT_SYMLINK_NOFOLLOW);
	DO(SYS_newfstatat, here, "", &(struct stat){ 0 }, AT_EMPTY_PATH);
	DID(PATH("stat", "@/looked-x"), SYS_statx, AT_FDCWD, "looked-x", AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS, &(struct statx){ 0 });
	DID(PATH("stat", "@/accessed"), SYS_access, "accessed", R_OK);
	DID(PATH("stat", "@/accessed-2"), SYS_faccessat2, AT_FDCWD, "accessed-2", W_OK, AT_EACCESS);
	DID(PATH("stat", "@/link"), SYS_readlink, "link", (char[9]){ 0 }, 9);
	DID(PATH("stat", "@/statfs"), SYS_statfs, "statfs", (char[512]){ 0 });
	DID(PATH("stat", "@/new"), SYS_getxattr, "new", "user.deed", (char[9]){ 0 }, 9);
	DID(PATH("meta", "@/created"), SYS_setxattr, "created", "trusted.deed", "x", 1, 0);
	ALSO(NEEDS("CAP_SYS_ADMIN", "setxattr") "\tcertain=true");
	DID(NEEDS("CAP_SETFCAP", "setxattr") "\tcertain=true", SYS_setxattr, "created", "security.capability",
		"\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20, 1);
	DID(PATH("stat", "@/handled"), SYS_name_to_handle_at, AT_FDCWD, "handled", (char[200]){ 0 }, (int[1]){ 0 }, AT_SYMLINK_FOLLOW);

	DID(PATH("create", "@/folder"), SYS_mkdir, "folder", 0755);
	ALSO(VALUED("made-for-others", "055"));
	DID(PATH("create", "@/folder/inner"), SYS_mkdirat, AT_FDCWD, "folder/inner", 0700);
	DID(PATH("create", "@/fifo"), SYS_mknod, "fifo", S_IFIFO | 0600, 0);
	DID(VALUED("mknod-device", "char"), SYS_mknodat, AT_FDCWD, "device", S_IFCHR | 0600, 0x103);
	ALSO(NEEDS("CAP_MKNOD", "mknodat") "\tcertain=true");
	DID(VALUED("suid-sgid", "02755"), SYS_mkdir, "set-gid", 02755);
	DID(PATH("delete", "@/folder/inner"), SYS_rmdir, "folder/inner");
	DID(PATH("delete", "@/fifo"), SYS_unlink, "fifo");
	DID(PATH("delete", "@/set-gid"), SYS_unlinkat, AT_FDCWD, "set-gid", AT_REMOVEDIR);
	DID("move\tcall=rename\tfrom=@/created\tto=@/renamed", SYS_rename, "created", "renamed");
	DID(PATH("delete", "@/how"), SYS_renameat2, here, "how", AT_FDCWD, "renamed", RENAME_EXCHANGE);
	ALSO(PATH("create", "@/how"));
	DID("move\tcall=link\tfrom=@/how\tto=@/linked", SYS_link, "how", "linked");
	DID(PATH("create", "@/linked-2"), SYS_linkat, etc, "", AT_FDCWD, "linked-2", AT_EMPTY_PATH);
	DID(PATH("create", "@/soft"), SYS_symlink, "/nowhere", "soft");
	DID(PATH("create", "@/soft-2"), SYS_symlinkat, "/nowhere", here, "soft-2");
	DID(VALUED("suid-sgid", "04711"), SYS_chmod, "how", 04711);
	DID(PATH("meta", "@/how"), SYS_fchmodat, AT_FDCWD, "how", 02755);
	ALSO(NEEDS("CAP_FSETID", "fchmodat") "\tcertain=false");
	DID(PATH("meta", "@/how"), SYS_chown, "how", 33, 33);
	DID(PATH("meta", "@/how"), SYS_fchownat, AT_FDCWD, "how", 0, -1, AT_SYMLINK_NOFOLLOW);
	DID(PATH("meta", "@/how"), SYS_utimensat, AT_FDCWD, "how", NULL, 0);
	DID(PATH("write", "@/how"), SYS_truncate, "how", 0);
	int watch = DO(SYS_inotify_init1, O_CLOEXEC);
	DID(PATH("watch", "@/folder"), SYS_inotify_add_watch, watch, "folder", 0x100);
	DID(PATH("chdir", "@/folder"), SYS_chdir, "folder");
	DID(PATH("read", "@/folder/inside"), SYS_open, "inside", O_RDONLY);
	DID(PATH("chdir", "@"), SYS_fchdir, here);
}

static void descriptors(void) {
	int etc = DO(SYS_open, "/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int copy = DO(SYS_dup, etc);
	DID(PATH("read", "/etc/by-dup"), SYS_openat, copy, "by-dup", O_RDONLY);
	DO(SYS_dup2, etc, 70);
	DID(PATH("read", "/etc/by-dup2"), SYS_openat, 70, "by-dup2", O_RDONLY);
	DO(SYS_dup3, etc, 71, O_CLOEXEC);
	DID(PATH("read", "/etc/by-dup3"), SYS_openat, 71, "by-dup3", O_RDONLY);
	DO(SYS_fcntl, etc, F_DUPFD, 72);
	DID(PATH("read", "/etc/by-fcntl"), SYS_openat, 72, "by-fcntl", O_RDONLY);
	DO(SYS_fcntl, etc, F_DUPFD_CLOEXEC, 73);
	DID(PATH("read", "/etc/by-fcntl-cloexec"), SYS_openat, 73, "by-fcntl-cloexec", O_RDONLY);
	int pair[2];
	DO(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	struct iovec one = { "x", 1 };
	union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control = { { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	memcpy(CMSG_DATA(&control.header), &etc, sizeof etc);
	struct msghdr message = { .msg_iov = &one, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	DO(SYS_sendmsg, pair[0], &message, 0);
	char byte;
	one.iov_base = &byte;
	DO(SYS_recvmsg, pair[1], &message, MSG_CMSG_CLOEXEC);
	int received;
	memcpy(&received, CMSG_DATA(&control.header), sizeof received);
	DO(SYS_fchdir, received);
	DO(SYS_dup2, received, 75);
	// Where that is, only -y tells.
	DO(SYS_open, "where-received", O_RDONLY);
	DO(SYS_fchdir, etc);
	DID(PATH("read", "/etc/passwd"), SYS_open, "passwd", O_RDONLY);
	DO(SYS_close_range, 70, 71, 0);
	DO(SYS_close_range, 72, 72, CLOSE_RANGE_CLOEXEC);
	DO(SYS_fcntl, 73, F_SETFD, 0);
	DO(SYS_fcntl, 75, F_SETFD, FD_CLOEXEC);
	DO(SYS_pipe2, pair, O_CLOEXEC);
	DID(NEEDS("CAP_SYS_RESOURCE", "fcntl") "\tcertain=false", SYS_fcntl, pair[0], F_SETPIPE_SZ, 2 << 20);
	int lease = DO(SYS_open, "/etc/passwd", O_RDONLY);
	DID(NEEDS("CAP_LEASE", "fcntl") "\tcertain=false", SYS_fcntl, lease, F_SETLEASE, F_RDLCK);
	DO(SYS_fcntl, lease, F_SETLEASE, F_UNLCK);
	DO(SYS_epoll_create1, O_CLOEXEC);
	DO(SYS_eventfd2, 0, O_CLOEXEC);
	DO(SYS_memfd_create, "deed", MFD_CLOEXEC);
	DID(NEEDS("CAP_WAKE_ALARM", "timerfd_create") "\tcertain=true", SYS_timerfd_create, CLOCK_BOOTTIME_ALARM, TFD_CLOEXEC);
}

static int unix_socket(const char *path, struct sockaddr_un *address) {
	memset(address, 0, sizeof *address);
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path + (*path == '@'), path + (*path == '@'));
	return offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1 - (*path == '@');
}

static void sockets(void) {
	struct sockaddr_un local;
	struct sockaddr_in ip4 = { .sin_family = AF_INET, .sin_port = htons(81), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 ip6 = { .sin6_family = AF_INET6, .sin6_port = htons(8053), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int tcp = DID(SOCKET("AF_INET", "SOCK_STREAM", "IPPROTO_TCP"), SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	DO(SYS_setsockopt, tcp, SOL_SOCKET, SO_REUSEADDR, (int[1]){ 1 }, 4);
	DID("address\top=bind\tfamily=AF_INET\taddress=127.0.0.1\tport=81\ttransport=tcp", SYS_bind, tcp, &ip4, sizeof ip4);
	ALSO(NEEDS("CAP_NET_BIND_SERVICE", "bind") "\tdetail=port 81");
	DO(SYS_listen, tcp, 1);
	int six = DID(SOCKET("AF_INET6", "SOCK_DGRAM", "IPPROTO_IP"), SYS_socket, AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	DID("address\top=bind\tfamily=AF_INET6\taddress=::1\tport=8053\ttransport=udp", SYS_bind, six, &ip6, sizeof ip6);
	int udp = DID(SOCKET("AF_INET", "SOCK_DGRAM", "IPPROTO_UDP"), SYS_socket, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	ip4.sin_port = htons(514);
	DID("address\top=send\tfamily=AF_INET\taddress=127.0.0.1\tport=514\ttransport=udp", SYS_sendto, udp, "x", 1, MSG_NOSIGNAL, &ip4, sizeof ip4);
	ip4.sin_addr.s_addr = htonl(0xc0000207);
	DID("address\top=connect\tfamily=AF_INET\taddress=192.0.2.7\tport=514\ttransport=udp", SYS_connect, udp, &ip4, sizeof ip4);
	struct iovec one = { "x", 1 };
	struct msghdr message = { .msg_iov = &one, .msg_iovlen = 1, .msg_name = &ip6, .msg_namelen = sizeof ip6 };
	ip6.sin6_port = htons(53);
	DID("address\top=send\tfamily=AF_INET6\taddress=::1\tport=53\ttransport=udp", SYS_sendmsg, six, &message, MSG_DONTWAIT);
	int named = DID(SOCKET("AF_UNIX", "SOCK_STREAM", "0"), SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	int length = unix_socket("sock", &local);
	DID(PATH("bind", "@/sock"), SYS_bind, named, &local, length);
	int quiet = DID(SOCKET("AF_UNIX", "SOCK_DGRAM", "0"), SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	length = unix_socket("/run/nobody/listens", &local);
	DID(PATH("connect", "/run/nobody/listens"), SYS_connect, quiet, &local, length);
	length = unix_socket("/run/nobody/reads", &local);
	DID(PATH("connect", "/run/nobody/reads"), SYS_sendto, quiet, "READY=1", 7, MSG_NOSIGNAL, &local, length);
	length = unix_socket("@hidden-deed", &local);
	DID("address\top=connect\tfamily=AF_UNIX\taddress=@hidden-deed", SYS_connect, quiet, &local, length);
	DID(SOCKET("AF_UNIX", "SOCK_SEQPACKET", "0"), SYS_socket, AF_UNIX, SOCK_SEQPACKET, 0);
	int route = DID(SOCKET("AF_NETLINK", "SOCK_RAW", "NETLINK_ROUTE"), SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct { struct nlmsghdr header; struct ifinfomsg body; } change = {
		{ sizeof change, RTM_SETLINK, NLM_F_REQUEST, 1, 0 }, { .ifi_family = AF_UNSPEC, .ifi_index = 999999 } };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	DID(NEEDS("CAP_NET_ADMIN", "sendto") "\tdetail=RTM_SETLINK", SYS_sendto, route, &change, sizeof change, 0, &kernel, sizeof kernel);
	change.header.nlmsg_type = RTM_GETLINK;
	DO(SYS_sendto, route, &change, sizeof change, 0, &kernel, sizeof kernel);
	int audit = DID(SOCKET("AF_NETLINK", "SOCK_RAW", "NETLINK_AUDIT"), SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
	ALSO(NEEDS("CAP_AUDIT_WRITE", "socket") "\tcertain=false");
	kernel.nl_groups = 1;
	DID(NEEDS("CAP_AUDIT_READ", "bind"), SYS_bind, audit, &kernel, sizeof kernel);
	int events = DID(SOCKET("AF_NETLINK", "SOCK_DGRAM", "NETLINK_KOBJECT_UEVENT"), SYS_socket, AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT);
	DO(SYS_setsockopt, events, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, (int[1]){ 1 }, 4);
	DID(NEEDS("CAP_NET_BROADCAST", "setsockopt"), SYS_setsockopt, route, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, (int[1]){ 1 }, 4);
	DID(SOCKET("AF_NETLINK", "SOCK_RAW", "NETLINK_NETFILTER"), SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	ALSO(NEEDS("CAP_NET_ADMIN", "socket") "\tcertain=false");
	DID(SOCKET("AF_NETLINK", "SOCK_RAW", "NETLINK_GENERIC"), SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	DID(SOCKET("AF_PACKET", "SOCK_RAW", "htons(ETH_P_ALL)"), SYS_socket, AF_PACKET, SOCK_RAW, htons(3));
	ALSO(NEEDS("CAP_NET_RAW", "socket"));
	DID(SOCKET("AF_INET", "SOCK_RAW", "IPPROTO_ICMP"), SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	DID(SOCKET("AF_INET6", "SOCK_RAW", "IPPROTO_ICMPV6"), SYS_socket, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	DID(SOCKET("AF_VSOCK", "SOCK_STREAM", "0"), SYS_socket, AF_VSOCK, SOCK_STREAM, 0);
	DID(SOCKET("AF_ALG", "SOCK_SEQPACKET", "0"), SYS_socket, AF_ALG, SOCK_SEQPACKET, 0);
	DID(SOCKET("AF_CAN", "SOCK_RAW", "CAN_RAW"), SYS_socket, AF_CAN, SOCK_RAW, 1);
	DID(NEEDS("CAP_NET_ADMIN", "setsockopt") "\tdetail=SO_MARK", SYS_setsockopt, tcp, SOL_SOCKET, SO_MARK, (int[1]){ 7 }, 4);
	DID(NEEDS("CAP_NET_ADMIN", "setsockopt") "\tdetail=SO_PRIORITY [7]", SYS_setsockopt, tcp, SOL_SOCKET, SO_PRIORITY, (int[1]){ 7 }, 4);
	DID(NEEDS("CAP_NET_ADMIN", "setsockopt") "\tdetail=SO_RCVBUFFORCE", SYS_setsockopt, tcp, SOL_SOCKET, SO_RCVBUFFORCE, (int[1]){ 65536 }, 4);
	DID(NEEDS("CAP_NET_ADMIN", "setsockopt") "\tdetail=SO_SNDBUFFORCE [65536] of AF_UNIX", SYS_setsockopt, named, SOL_SOCKET, SO_SNDBUFFORCE, (int[1]){ 65536 }, 4);
	DID(NEEDS("CAP_NET_ADMIN", "setsockopt") "\tdetail=IP_TRANSPARENT", SYS_setsockopt, tcp, SOL_IP, IP_TRANSPARENT, (int[1]){ 1 }, 4);
	DID(NEEDS("CAP_NET_ADMIN", "setsockopt") "\tdetail=IPV6_TRANSPARENT", SYS_setsockopt, six, SOL_IPV6, 75, (int[1]){ 1 }, 4);
	DID(NEEDS("CAP_NET_ADMIN", "setsockopt") "\tdetail=TCP_REPAIR", SYS_setsockopt, tcp, IPPROTO_TCP, 19, (int[1]){ 1 }, 4);
	DID(NEEDS("CAP_NET_RAW", "setsockopt") "\tdetail=SO_BINDTODEVICE", SYS_setsockopt, tcp, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
	DO(SYS_setsockopt, tcp, IPPROTO_TCP, 1, (int[1]){ 1 }, 4);
	DID(VALUED("peer-credentials", "SO_PASSCRED"), SYS_setsockopt, named, SOL_SOCKET, SO_PASSCRED, (int[1]){ 1 }, 4);
	DID(VALUED("peer-credentials", "SO_PEERCRED"), SYS_getsockopt, named, SOL_SOCKET, SO_PEERCRED, (struct ucred[1]){ 0 }, (int[1]){ sizeof(struct ucred) });
	DO(SYS_ioctl, tcp, SIOCGIFFLAGS, &(struct ifreq){ .ifr_name = "lo" });
	DID(NEEDS("CAP_NET_ADMIN", "ioctl") "\tdetail=SIOCSIFFLAGS", SYS_ioctl, tcp, SIOCSIFFLAGS, &(struct ifreq){ .ifr_name = "none" });
}

static void memory(void) {
	DID("memory\twhat=map", SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long page = DO(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	DID("memory\twhat=protect", SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC);
	int passwd = DO(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC);
	DID(PATH("map", "/etc/passwd"), SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, passwd, 0);
	DID(NEEDS("CAP_IPC_LOCK", "mmap") "\tcertain=false", SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
	int shared = DID(VALUED("ipc", "sysv"), SYS_shmget, IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	DID(NEEDS("CAP_IPC_LOCK", "shmctl") "\tcertain=false", SYS_shmctl, shared, SHM_LOCK, NULL);
	DID("memory\twhat=shmat", SYS_shmat, shared, NULL, SHM_EXEC);
	DO(SYS_shmctl, shared, IPC_RMID, NULL);
	DID(NEEDS("CAP_IPC_OWNER", "semget") "\tcertain=false", SYS_semget, 0x5eed, 1, 0600);
	DID(VALUED("ipc", "posix-mq"), SYS_mq_open, "deed", O_RDWR | O_CREAT | O_CLOEXEC, 0600, NULL);
	DO(SYS_mq_unlink, "deed");
}

static void system_(void) {
	DID(VALUED("realtime", "SCHED_FIFO"), SYS_sched_setscheduler, 0, 1, (int[1]){ 1 });
	ALSO(NEEDS("CAP_SYS_NICE", "sched_setscheduler") "\tcertain=true");
	DID(VALUED("realtime", "SCHED_RR"), SYS_sched_setscheduler, 0, 2 | 0x40000000, (int[1]){ 1 });
	DO(SYS_sched_setscheduler, 0, 0, (int[1]){ 0 });
	DID(VALUED("realtime", "SCHED_DEADLINE"), SYS_sched_setattr, 0, &(struct sched_attr){ .size = sizeof(struct sched_attr), .sched_policy = 6, .sched_runtime = 1000000, .sched_deadline = 9000000, .sched_period = 9000000 }, 0);
	DO(SYS_sched_setscheduler, 0, 0, (int[1]){ 0 });
	DID(NEEDS("CAP_SYS_NICE", "setpriority"), SYS_setpriority, PRIO_PROCESS, 0, -1);
	DID(NEEDS("CAP_SYS_NICE", "ioprio_set") "\tdetail=IOPRIO_CLASS_RT", SYS_ioprio_set, 1, 0, 1 << 13 | 4);
	DO(SYS_ioprio_set, 1, 0, 2 << 13 | 4);
	DID(VALUED("personality", "PER_LINUX32"), SYS_personality, PER_LINUX32);
	DID(VALUED("personality", "PER_LINUX|ADDR_NO_RANDOMIZE"), SYS_personality, ADDR_NO_RANDOMIZE);
	DO(SYS_personality, PER_LINUX);
	DID(NEEDS("CAP_SYS_RESOURCE", "prlimit64") "\tdetail=RLIMIT_NOFILE", SYS_prlimit64, 0, RLIMIT_NOFILE, &(struct rlimit){ 4096, 4096 }, NULL);
	DO(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &(struct rlimit){ 0 });
	DO(SYS_prlimit64, 0, RLIMIT_CORE, &(struct rlimit){ 0, 8192 * 1024 }, NULL);
	DID(NEEDS("CAP_SYS_RESOURCE", "prlimit64") "\tcertain=true", SYS_prlimit64, 0, RLIMIT_CORE, &(struct rlimit){ 0, RLIM_INFINITY }, NULL);
	DO(SYS_adjtimex, &(struct timex){ 0 });
	DID(NEEDS("CAP_SYS_TIME", "adjtimex"), SYS_adjtimex, &(struct timex){ .modes = ADJ_STATUS | ADJ_ESTERROR });
	DID(FEATURE("io-uring"), SYS_io_uring_setup, 1, (char[200]){ 0 });
	DID(FEATURE("keyring"), SYS_keyctl, 0, -1, 0);
	DID(NEEDS("CAP_WAKE_ALARM", "timer_create") "\tdetail=CLOCK_REALTIME_ALARM", SYS_timer_create, 8, NULL, (int[1]){ 0 });
	DO(SYS_timer_create, CLOCK_MONOTONIC, NULL, (int[1]){ 0 });
	union bpf_attr attribute = { .prog_type = BPF_PROG_TYPE_KPROBE, .insn_cnt = 0 };
	DO(SYS_bpf, BPF_PROG_LOAD, &attribute, sizeof attribute);
	union bpf_attr object = { .pathname = (unsigned long)"/sys/fs/bpf/deed", .file_flags = BPF_F_RDONLY };
	DID(PATH("read", "/sys/fs/bpf/deed"), SYS_bpf, BPF_OBJ_GET, &object, sizeof object);
	DID(PATH("meta", "/dev/none"), SYS_quotactl, QCMD(Q_QUOTAON, USRQUOTA), "/dev/none", 1, "/aquota.user");
	DID(PATH("read", "/swap.none"), SYS_swapon, "/swap.none", 0);
	DID(PATH("write", "/acct.none"), SYS_acct, "/acct.none");
	DID(NEEDS("CAP_SYS_TIME", "clock_settime"), SYS_clock_settime, CLOCK_MONOTONIC, &(struct timespec){ 0 });
	int random = DO(SYS_open, "/dev/random", O_RDONLY);
	DID(NEEDS("CAP_SYS_ADMIN", "ioctl") "\tdetail=RNDADDTOENTCNT", SYS_ioctl, random, RNDADDTOENTCNT, (int[1]){ 0 });
	int file = DO(SYS_open, "new", O_RDONLY | O_CLOEXEC);
	DID(PATH("meta", "@/new"), SYS_ioctl, file, FS_IOC_SETFLAGS, (long[1]){ 0 });
	ALSO(NEEDS("CAP_LINUX_IMMUTABLE", "ioctl") "\tcertain=false");
	DO(SYS_ioctl, file, FIONCLEX);
	DO(SYS_dup2, file, 80);
	DO(SYS_ioctl, 80, FIOCLEX);
	DO(SYS_seccomp, 2, 0, (int[1]){ 0x7fff0000 });
}

static void wait_for(long child) { DO(SYS_wait4, child, NULL, __WALL, NULL); }

static void children(void) {
	long child = DO(SYS_fork);
	if (child == 0) {
		DID(FEATURE("no-new-privs"), SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		DID(FEATURE("own-seccomp"), SYS_seccomp, 1, 0, NULL);
		DID(FEATURE("own-seccomp"), SYS_prctl, PR_SET_SECCOMP, 2, NULL, 0, 0);
		DO(SYS_exit_group, 0);
	}
	wait_for(child);
	child = DO(SYS_fork);
	if (child == 0) {
		DID(NEEDS("CAP_SETPCAP", "prctl") "\tdetail=PR_CAPBSET_DROP", SYS_prctl, PR_CAPBSET_DROP, CAP_WAKE_ALARM, 0, 0, 0);
		DID(NEEDS("CAP_SETPCAP", "prctl") "\tdetail=PR_SET_SECUREBITS", SYS_prctl, PR_SET_SECUREBITS, 0, 0, 0, 0);
		DID(VALUED("ambient", "CAP_NET_RAW"), SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0);
		struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
		struct __user_cap_data_struct data[2] = { { 0xffu | 1 << CAP_SETPCAP, 0xffu | 1 << CAP_SETPCAP, 0 }, { 0 } };
		DID(NEEDS("CAP_CHOWN", "capset") "\tdetail=named in the call", SYS_capset, &header, data);
		ALSO(NEEDS("CAP_SETUID", "capset"));
		DO(SYS_exit_group, 0);
	}
	wait_for(child);
	child = DO(SYS_fork);
	if (child == 0) {
		DID(NAMESPACE("mnt", "unshare"), SYS_unshare, CLONE_NEWNS);
		DID(NAMESPACE("uts", "unshare"), SYS_unshare, CLONE_NEWUTS | CLONE_NEWIPC);
		ALSO(NAMESPACE("ipc", "unshare"));
		ALSO(NEEDS("CAP_SYS_ADMIN", "unshare"));
		DID(PATH("mount", "/"), SYS_mount, "none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
		DID(PATH("mount", "@/folder"), SYS_mount, "/etc", "folder", NULL, MS_BIND | MS_REC, NULL);
		ALSO(PATH("mount", "/etc"));
		DO(SYS_umount2, "folder", MNT_DETACH);
		DID(PATH("mount", "/usr"), SYS_open_tree, AT_FDCWD, "/usr", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		DID(PATH("stat", "/bin/sh"), SYS_open_tree, AT_FDCWD, "/bin/sh", OPEN_TREE_CLOEXEC);
		int context = DID(NEEDS("CAP_SYS_ADMIN", "fsopen"), SYS_fsopen, "tmpfs", 1);
		DID(NEEDS("CAP_SYS_ADMIN", "fsconfig"), SYS_fsconfig, context, 1, "source", "/dev/deed", 0);
		ALSO(PATH("mount", "/dev/deed"));
		DID(NEEDS("CAP_SYS_ADMIN", "sethostname"), SYS_sethostname, "deed", 4);
		int own = DO(SYS_open, "/proc/self/ns/net", O_RDONLY);
		DID(NAMESPACE("net", "setns"), SYS_setns, own, CLONE_NEWNET);
		DID(PATH("chroot", "/usr"), SYS_chroot, "/usr");
		DID(PATH("read", "/usr/below"), SYS_open, "/below", O_RDONLY);
		DO(SYS_exit_group, 0);
	}
	wait_for(child);
	child = DID(NAMESPACE("pid", "clone"), SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
	if (child == 0) DO(SYS_exit_group, 0);
	if (child > 0) wait_for(child);
	child = DO(SYS_clone, CLONE_FS | CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (child == 0) {
		DO(SYS_chdir, "/usr");
		int fd = DO(SYS_open, "/var", O_RDONLY | O_DIRECTORY);
		DO(SYS_dup2, fd, 90);
		DO(SYS_exit_group, 0);
	}
	wait_for(child);
	DID(PATH("read", "/usr/where-the-child-went"), SYS_open, "where-the-child-went", O_RDONLY);
	DID(PATH("read", "/var/what-the-child-opened"), SYS_openat, 90, "what-the-child-opened", O_RDONLY);
	struct clone_args arguments = { .flags = CLONE_FS, .exit_signal = SIGCHLD };
	child = DO(SYS_clone3, &arguments, sizeof arguments);
	if (child == 0) {
		DO(SYS_unshare, CLONE_FS);
		DO(SYS_chdir, "/home");
		DID(PATH("read", "/home/alone"), SYS_open, "alone", O_RDONLY);
		DO(SYS_exit_group, 0);
	}
	if (child > 0) wait_for(child);
	DID(PATH("read", "/usr/still"), SYS_open, "still", O_RDONLY);
	child = DO(SYS_fork);
	if (child == 0) {
		DID(VALUED("identity", "groups 33, 34"), SYS_setgroups, 2, (int[2]){ 33, 34 });
		ALSO(NEEDS("CAP_SETGID", "setgroups"));
		DID(VALUED("identity", "gid 33"), SYS_setresgid, 33, 33, 33);
		DID(VALUED("identity", "uid 33"), SYS_setresuid, -1, 33, -1);
		ALSO(NEEDS("CAP_SETUID", "setresuid"));
		DO(SYS_setuid, 33);
		DID("path\tmode=read\tpath=/etc/as-other", SYS_open, "/etc/as-other", O_RDONLY);
		DO(SYS_exit_group, 0);
	}
	wait_for(child);
	DID(NEEDS("CAP_KILL", "kill") "\tcertain=false", SYS_kill, 1, 0);
	DO(SYS_kill, getpid(), 0);
}

/** Of the program that is executed: what was left open, and what was not. */
static void after(void) {
	DID(PATH("read", "/etc/by-fcntl-cloexec-after"), SYS_openat, 73, "by-fcntl-cloexec-after", O_RDONLY);
	DO(SYS_openat, 72, "closed", O_RDONLY);
	DO(SYS_openat, 75, "closed-too", O_RDONLY);
}

int main(int count, char **words) {
	(void)count;
	if (strcmp(words[1], "after") == 0) {
		said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
		after();
		return 0;
	}
	int book = open(words[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (book < 0 || book != 3 || ftruncate(book, sizeof *said) != 0) return 1;
	said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED, book, 0);
	files();
	sockets();
	memory();
	system_();
	int here = DO(SYS_open, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	descriptors();
	DO(SYS_fchdir, here);
	children();
	DO(SYS_fchdir, here);
	DO(SYS_execve, words[0], (char *[]){ words[0], "after", NULL }, (char *[]){ NULL });
	return 1;
}
