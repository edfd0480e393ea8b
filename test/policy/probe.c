/* Tries a list of accesses and tells what became of each: the other half of differential.test.ts.
 *   probe run OUTPUT WORD… -- WORD… -- …    each list of words is one access, tried in a child of its own; OUTPUT gets one line each:
 *                                           `0`, an errno, or `-SIGNAL`
 *   probe one WORD…                         one access, in this process: its exit status is 0 or the errno (this is what is traced)
 * It uses no library and, beside the calls of the access itself, only fork, wait4, openat, write and exit_group, so that what stops an access is
 * the sandbox. 61 (ENODATA) stands for what can be opened but is empty. */
#ifndef __x86_64__
#error "the probe is written for x86-64"
#endif
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/in.h>
#include <linux/sched.h>
#include <linux/un.h>
#include <sys/socket.h>

static long call6(long number, long a, long b, long c, long d, long e, long f) {
	long result;
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return result;
}
#define CALL(name, a, b, c, d, e, f) call6(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL0(name) CALL(name, 0, 0, 0, 0, 0, 0)
#define CALL1(name, a) CALL(name, a, 0, 0, 0, 0, 0)
#define CALL2(name, a, b) CALL(name, a, b, 0, 0, 0, 0)
#define CALL3(name, a, b, c) CALL(name, a, b, c, 0, 0, 0)
#define CALL4(name, a, b, c, d) CALL(name, a, b, c, d, 0, 0)
#define CALL5(name, a, b, c, d, e) CALL(name, a, b, c, d, e, 0)

void *memset(void *to, int value, unsigned long size) {
	for (char *at = to; size--; at++) *at = (char)value;
	return to;
}
void *memcpy(void *to, const void *from, unsigned long size) {
	for (unsigned long i = 0; i < size; i++) ((char *)to)[i] = ((const char *)from)[i];
	return to;
}

static int same(const char *a, const char *b) {
	while (*a && *a == *b) a++, b++;
	return *a == *b;
}

static unsigned long length(const char *text) {
	unsigned long size = 0;
	while (text[size]) size++;
	return size;
}

static long number(const char *text) {
	long value = 0, sign = 1, base = 10;
	if (*text == '-') sign = -1, text++;
	if (text[0] == '0' && text[1] == 'x') base = 16, text += 2;
	else if (text[0] == '0') base = 8;
	for (; *text; text++) value = value * base + (*text <= '9' ? *text - '0' : *text - 'a' + 10);
	return sign * value;
}

static long opened(const char *path, int flags, int mode) { return CALL4(openat, AT_FDCWD, path, flags, mode); }

static long read_one(const char *path) {
	char byte;
	long fd = opened(path, O_RDONLY | O_NONBLOCK, 0), got;
	if (fd < 0) return fd;
	got = CALL3(read, fd, &byte, 1);
	return got == 0 ? -ENODATA : got;
}

static long list(const char *path) {
	static char entries[4096];
	long fd = opened(path, O_RDONLY | O_DIRECTORY, 0), got, at = 0, names = 0;
	if (fd < 0) return fd;
	got = CALL3(getdents64, fd, entries, sizeof entries);
	while (at < got) {
		const char *name = entries + at + 19;
		if (name[0] != '.') names++;
		at += *(unsigned short *)(entries + at + 16);
	}
	return got < 0 ? got : names == 0 ? -ENODATA : 0;
}

static long created(const char *path, int mode) {
	long fd = opened(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	return fd < 0 ? fd : CALL1(unlink, path);
}

static long mapped(const char *path) {
	long fd = opened(path, O_RDONLY, 0), at;
	if (fd < 0) return fd;
	at = CALL(mmap, 0, 4096, 5, 2, fd, 0); /* PROT_READ|PROT_EXEC, MAP_PRIVATE */
	return at < 0 && at > -4096 ? at : 0;
}

static long local(const char *path, int bind) {
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	long fd = CALL3(socket, AF_UNIX, SOCK_STREAM, 0), result;
	if (fd < 0) return fd;
	memcpy(name.sun_path, path, length(path));
	result = bind ? CALL3(bind, fd, &name, sizeof name) : CALL3(connect, fd, &name, sizeof name);
	return result < 0 || !bind ? result : CALL1(unlink, path);
}

static long port(long number) {
	struct sockaddr_in name = {AF_INET, __builtin_bswap16((unsigned short)number), {__builtin_bswap32(0x7f000001)}, {0}};
	long fd = CALL3(socket, AF_INET, SOCK_DGRAM, 0);
	return fd < 0 ? fd : CALL3(bind, fd, &name, sizeof name);
}

/* To a port where nobody listens; connecting alone sends nothing. */
static long datagram(int send) {
	struct sockaddr_in name = {AF_INET, __builtin_bswap16(9), {__builtin_bswap32(0x7f000001)}, {0}};
	long fd = CALL3(socket, AF_INET, SOCK_DGRAM, 0);
	if (fd < 0) return fd;
	return send ? CALL(sendto, fd, "x", 1, 0, &name, sizeof name) : CALL3(connect, fd, &name, sizeof name);
}

static long region(const char *what) {
	long at = CALL(mmap, 0, 4096, 3, 0x22, -1, 0); /* PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS */
	if (at < 0 && at > -4096) return at;
	if (same(what, "mprotect")) return CALL3(mprotect, at, 4096, 5);
	at = CALL(mmap, 0, 4096, 7, 0x22, -1, 0);
	return at < 0 && at > -4096 ? at : 0;
}

static long shared_code(void) {
	long id = CALL3(shmget, 0, 4096, 01700), at;
	if (id < 0) return id;
	at = CALL3(shmat, id, 0, 0100000); /* SHM_EXEC */
	CALL3(shmctl, id, 0, 0);
	return at < 0 && at > -4096 ? at : 0;
}

static long forked(long flags) {
	long pid = CALL5(clone, flags | 17, 0, 0, 0, 0), status;
	if (pid == 0) CALL1(exit_group, 0);
	return pid < 0 ? pid : CALL4(wait4, pid, &status, 0, 0) < 0 ? -ECHILD : 0;
}

static long access(char *const *word) {
	static const char *const environment[] = {0};
	static const int zero[16];
	const char *what = word[0], *a = word[1], *b = word[1] ? word[2] : 0;
	if (same(what, "nothing")) return 0;
	if (same(what, "stat")) { static char buffer[256]; return CALL4(newfstatat, AT_FDCWD, a, buffer, 0); }
	if (same(what, "lstat")) { static char buffer[256]; return CALL4(newfstatat, AT_FDCWD, a, buffer, AT_SYMLINK_NOFOLLOW); }
	if (same(what, "readlink")) { static char buffer[256]; return CALL3(readlink, a, buffer, sizeof buffer); }
	if (same(what, "access")) return CALL2(access, a, number(b));
	if (same(what, "open-tree")) return CALL3(open_tree, AT_FDCWD, a, number(b));
	if (same(what, "chgrp")) return CALL3(chown, a, -1, number(b));
	if (same(what, "udp-send")) return datagram(1);
	if (same(what, "udp-connect")) return datagram(0);
	if (same(what, "read")) return read_one(a);
	if (same(what, "write")) { long fd = opened(a, O_WRONLY | O_NONBLOCK, 0); return fd; }
	if (same(what, "append")) { long fd = opened(a, O_WRONLY | O_APPEND | O_CREAT, 0600); return fd; }
	if (same(what, "create")) return created(a, 0600);
	if (same(what, "mkdir")) { long made = CALL2(mkdir, a, 0700); return made < 0 ? made : CALL1(rmdir, a); }
	if (same(what, "unlink")) return CALL1(unlink, a);
	if (same(what, "rmdir")) return CALL1(rmdir, a);
	if (same(what, "rename")) { long moved = CALL2(rename, a, b); return moved < 0 ? moved : CALL2(rename, b, a); }
	if (same(what, "link")) { long made = CALL2(link, a, b); return made < 0 ? made : CALL1(unlink, b); }
	if (same(what, "symlink")) { long made = CALL2(symlink, "x", a); return made < 0 ? made : CALL1(unlink, a); }
	if (same(what, "chmod")) return CALL2(chmod, a, number(b));
	if (same(what, "touch")) return CALL4(utimensat, AT_FDCWD, a, 0, 0);
	if (same(what, "truncate")) return CALL2(truncate, a, 1);
	if (same(what, "chown")) return CALL3(chown, a, number(b), number(b));
	if (same(what, "list")) return list(a);
	if (same(what, "chdir")) return CALL1(chdir, a);
	if (same(what, "chroot")) return CALL1(chroot, a);
	if (same(what, "exec")) return CALL3(execve, a, word + 1, environment);
	if (same(what, "map")) return mapped(a);
	if (same(what, "connect")) return local(a, 0);
	if (same(what, "bind")) return local(a, 1);
	if (same(what, "fifo")) { long made = CALL3(mknod, a, 0010600, 0); return made < 0 ? made : CALL1(unlink, a); }
	if (same(what, "device")) { long made = CALL3(mknod, a, 0020600, 0x103); return made < 0 ? made : CALL1(unlink, a); }
	if (same(what, "watch")) { long fd = CALL0(inotify_init); return fd < 0 ? fd : CALL3(inotify_add_watch, fd, a, 2); }
	if (same(what, "create-mode")) return created(a, (int)number(b));
	if (same(what, "mkdir-mode")) { long made = CALL2(mkdir, a, number(b)); return made < 0 ? made : CALL1(rmdir, a); }
	if (same(what, "socket")) return CALL3(socket, number(a), number(b), number(word[3]));
	if (same(what, "socketpair")) { int pair[2]; return CALL4(socketpair, AF_UNIX, SOCK_STREAM, 0, pair); }
	if (same(what, "port")) return port(number(a));
	if (same(what, "unshare")) return CALL1(unshare, number(a));
	if (same(what, "clone")) return forked(number(a));
	if (same(what, "clone3")) { struct clone_args arguments; memset(&arguments, 0, sizeof arguments); return CALL2(clone3, &arguments, 1); }
	if (same(what, "setns")) { long fd = opened(a, O_RDONLY, 0); return fd < 0 ? fd : CALL2(setns, fd, number(b)); }
	if (same(what, "memory")) return region(a);
	if (same(what, "shm-exec")) return shared_code();
	if (same(what, "scheduler")) { int priority = (int)number(b); return CALL3(sched_setscheduler, 0, number(a), &priority); }
	if (same(what, "schedattr")) { unsigned int attr[14]; memset(attr, 0, sizeof attr); attr[0] = 56; attr[1] = (unsigned)number(a); attr[5] = (unsigned)number(b); return CALL3(sched_setattr, 0, attr, 0); }
	if (same(what, "personality")) return CALL1(personality, number(a));
	if (same(what, "sethostname")) return CALL2(sethostname, "probe", 5);
	if (same(what, "setdomainname")) return CALL2(setdomainname, "probe", 5);
	if (same(what, "setuid")) return CALL1(setuid, number(a));
	if (same(what, "setgid")) return CALL1(setgid, number(a));
	if (same(what, "setgroups")) return CALL2(setgroups, 1, zero);
	if (same(what, "kill")) return CALL2(kill, number(a), 0);
	if (same(what, "priority")) return CALL3(setpriority, 0, 0, number(a));
	if (same(what, "mount")) return CALL5(mount, "none", "/", "no-such-type", 0, 0);
	if (same(what, "umount")) return CALL2(umount2, "/nowhere", 0);
	/* A call by its number with harmless arguments; what it says without a sandbox is what it should say. */
	if (same(what, "call")) {
		long argument[5] = {0};
		for (int i = 0; i < 5 && word[i + 1]; i++) argument[i] = number(word[i + 1]);
		return call6(argument[0], argument[1], argument[2], argument[3], argument[4], 0, 0);
	}
	return -EINVAL;
}

static long print(char *to, long value) {
	char digits[24];
	long size = 0, at = 0;
	if (value < 0) to[size++] = '-', value = -value;
	do digits[at++] = (char)('0' + value % 10); while (value /= 10);
	while (at) to[size++] = digits[--at];
	to[size++] = '\n';
	return size;
}

static _Noreturn void leave(long status) { for (;;) CALL1(exit_group, status); }

static long tried(char *const *word) {
	int status = 0;
	long pid = CALL0(fork), result;
	if (pid < 0) return -pid;
	if (pid == 0) {
		result = access(word);
		leave(result < 0 ? -result : 0);
	}
	CALL4(wait4, pid, &status, 0, 0);
	return status & 0x7f ? -(status & 0x7f) : status >> 8 & 0xff;
}

__attribute__((used)) static _Noreturn void begin(long *stack) {
	static char report[16384];
	char **word = (char **)(stack + 1);
	long count = *stack, size = 0, output;
	if (count > 2 && same(word[1], "one")) {
		long result = access(word + 2);
		leave(result < 0 ? -result : 0);
	}
	output = 1; /* opened before the sandbox: StandardOutput=file: */
	for (long at = 2, next; at < count && size < (long)sizeof report - 32; at = next + 1) {
		for (next = at; next < count && !same(word[next], "--"); next++) {}
		word[next] = 0;
		size += print(report + size, tried(word + at));
	}
	leave(CALL3(write, output, report, size) == size ? 0 : 1);
}
__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");
