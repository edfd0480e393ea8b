/* What an intruder would try from inside a service: one probe, named by PROBE= in the environment, straight as a system call.
 * It uses no library and needs nothing but execve and exit_group, so that what stops it is the sandbox's answer to the probe
 * and not to the probe's own start. The answer is its exit status: 0 allowed, 64 + errno denied (200 and above are systemd's
 * own); a signal is a denial too. A probe that executes a program hands over to it: then 1–64 is that program's own failure. See intruder.sh. */
#ifndef __x86_64__
#error "the probes are written for x86-64"
#endif
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/in.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/un.h>

static long call(long number, long a, long b, long c, long d, long e) {
	long result;
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
	return result;
}
#define CALL(name, a, b, c, d, e) call(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

static _Noreturn void answer(long result) {
	for (;;) CALL(exit_group, result < 0 ? 64 - result : 0, 0, 0, 0, 0);
}

static int same(const char *a, const char *b) {
	while (*a && *a == *b) a++, b++;
	return *a == *b;
}

/* Reading one byte: a file hidden behind an empty one must not count as read. */
static long readable(const char *path) {
	char byte;
	long fd = CALL(openat, AT_FDCWD, path, O_RDONLY, 0, 0), got;
	if (fd < 0) return fd;
	got = CALL(read, fd, &byte, 1, 0, 0);
	return got == 0 ? -ENODATA : got;
}

static long writable(const char *path, int mode) {
	long fd = CALL(openat, AT_FDCWD, path, O_WRONLY | O_CREAT, mode, 0);
	long written = fd < 0 ? fd : CALL(write, fd, "#!/bin/sh\nexit 0\n", 17, 0, 0);
	CALL(close, fd, 0, 0, 0, 0);
	return written;
}

static long run(const char *program, const char *const *arguments) {
	static const char *const environment[] = {"PATH=/usr/bin:/bin", 0};
	return CALL(execve, program, arguments, environment, 0, 0);
}

static long probe(const char *name) {
	if (same(name, "control")) return 0;
	if (same(name, "shell")) return run("/bin/sh", (const char *const[]){"sh", "-c", "exit 0", 0});
	if (same(name, "download"))
		return run("/usr/bin/curl", (const char *const[]){"curl", "-sf", "--max-time", "5", "-o", "/dev/null", "http://127.0.0.1:8099/", 0});
	if (same(name, "compiler")) return run("/usr/bin/gcc", (const char *const[]){"gcc", "--version", 0});
	if (same(name, "shadow")) return readable("/etc/shadow");
	if (same(name, "home")) return writable("/root/.bashrc-intruder", 0600);
	if (same(name, "cron")) return writable("/etc/cron.d/intruder", 0644);
	if (same(name, "program")) return writable("/usr/bin/intruder", 0755);
	if (same(name, "planted")) {
		long planted = writable("/var/tmp/intruder", 0755);
		return planted < 0 ? planted : run("/var/tmp/intruder", (const char *const[]){"intruder", 0});
	}
	if (same(name, "connect")) {
		struct sockaddr_in peer = {AF_INET, __builtin_bswap16(8099), {__builtin_bswap32(0x7f000001)}, {0}};
		long fd = CALL(socket, AF_INET, SOCK_STREAM, 0, 0, 0);
		return fd < 0 ? fd : CALL(connect, fd, &peer, sizeof peer, 0, 0);
	}
	/* The private door of systemd: whoever may talk there as root can have anything run outside of the sandbox. */
	if (same(name, "manager")) {
		struct sockaddr_un door = {AF_UNIX, "/run/systemd/private"};
		long fd = CALL(socket, AF_UNIX, SOCK_STREAM, 0, 0, 0);
		return fd < 0 ? fd : CALL(connect, fd, &door, sizeof door, 0, 0);
	}
	if (same(name, "unit")) return writable("/run/systemd/system/intruder.service", 0644);
	if (same(name, "raw")) return CALL(socket, AF_INET, SOCK_RAW, IPPROTO_ICMP, 0, 0);
	/* The kernel refuses the next two in any case; how it does tells whether the sandbox let them through to that refusal. */
	if (same(name, "module")) {
		long refused = CALL(init_module, 0, 0, "", 0, 0);
		return refused == -ENOEXEC || refused == -EFAULT || refused == -EINVAL ? 0 : refused;
	}
	if (same(name, "mount")) {
		long refused = CALL(mount, "none", "/", "no-such-type", 0, 0);
		return refused == -ENODEV ? 0 : refused;
	}
	if (same(name, "namespace")) return CALL(unshare, CLONE_NEWUSER, 0, 0, 0, 0);
	return -EINVAL;
}

__attribute__((used)) static _Noreturn void begin(const long *stack) {
	const char *const *word = (const char *const *)(stack + 1 + *stack + 1); /* the environment, after argc, argv and its null */
	for (; *word; word++) {
		const char *name = *word, *key = "PROBE=";
		while (*key && *name == *key) name++, key++;
		if (!*key) answer(probe(name));
	}
	answer(-EINVAL);
}
__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");
