#!/bin/bash
# forge.sh UNIT: twelve ways to write into the log of a unit's strace, or to get hold of strace itself. Prints FORGED or refused for each.
d=/run/allowtrace/$1 line='4242 1796038143.055398 mount("/dev/sda", "/etc", "ext4", 0, NULL) = 0'
tracer=
for p in /proc/[0-9]*; do if tr '\0' '\n' <"$p/cmdline" 2>/dev/null | grep -qx "$d/start-1"; then tracer=${p#/proc/}; fi; done
try() { name=$1; shift; if "$@" 2>/dev/null; then echo "FORGED $name"; else echo "refused $name"; fi; }
echo "tracer ${tracer:-none}"
try write sh -c "printf '%s\n' '$line' >$d/start-1"
try append sh -c "printf '%s\n' '$line' >>$d/start-1"
try read-write sh -c "exec 5<>$d/start-1; printf '%s\n' '$line' >&5"
try descriptor sh -c "for fd in /proc/$tracer/fd/*; do case \$(readlink \$fd) in */start-1) printf '%s\n' '$line' >\$fd && exit 0 ;; esac; done; exit 1"
try memory sh -c "printf x >/proc/$tracer/mem"
# x86-64: ptrace is 101 (PTRACE_ATTACH 16), process_vm_writev 311; pidfd_open 434 and pidfd_getfd 438 everywhere.
try ptrace perl -e 'exit(syscall(101, 16, $ARGV[0] + 0, 0, 0) == 0 ? 0 : 1)' "$tracer"
try pidfd perl -e '$p = syscall(434, $ARGV[0] + 0, 0); for (0 .. 20) { $fd = syscall(438, $p, $_, 0); exit 0 if $fd >= 0 && readlink("/proc/self/fd/$fd") =~ /start-1/ } exit 1' "$tracer"
try rename mv "$d/start-1" "$d/old"
try replace sh -c "rm -f $d/start-1 && mkfifo $d/start-1"
try beside sh -c "echo >$d/started"
try mode chmod 666 "$d/start-1"
try signal kill -STOP "$tracer"
