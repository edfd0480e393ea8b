// Calls that name no path, change nothing tracked here and tell nothing but their name. Section 2 of the manual; strace's tables of
// system calls know each, on some machine.
export const NAMED_ONLY: readonly string[] = `
read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 lseek _llseek llseek sendfile sendfile64 splice tee vmsplice copy_file_range
readahead fadvise64 fadvise64_64 posix_fadvise fallocate ftruncate ftruncate64 fsync fdatasync sync syncfs sync_file_range flock
fstat fstat64 fstatfs fstatfs64 flistxattr poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64
epoll_wait epoll_pwait epoll_pwait2 epoll_ctl brk munmap mremap madvise mincore msync munlock munlockall remap_file_pages membarrier
set_mempolicy get_mempolicy mbind set_mempolicy_home_node pkey_alloc pkey_free cachestat map_shadow_stack mseal
rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigpending rt_sigtimedwait rt_sigtimedwait_time64 sigaltstack sigaction
sigprocmask sigreturn sigsuspend sigpending signal pause alarm getitimer setitimer nanosleep clock_nanosleep clock_nanosleep_time64 clock_gettime clock_gettime64
clock_getres clock_getres_time64 gettimeofday time times timer_settime timer_settime64 timer_gettime timer_gettime64 timer_getoverrun timer_delete
timerfd_settime timerfd_settime64 timerfd_gettime timerfd_gettime64 futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue set_robust_list get_robust_list
rseq set_tid_address gettid getpid getppid getpgid getpgrp getsid setsid setpgid getgid getegid getresuid getresgid getgroups getgid32 getegid32
getresuid32 getresgid32 getgroups32 capget getrusage sysinfo uname getpriority sched_yield sched_getparam sched_getscheduler sched_getattr
sched_getaffinity sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_rr_get_interval_time64 ioprio_get getcpu getrandom
wait4 waitid waitpid exit exit_group restart_syscall shutdown getsockname getpeername recvfrom recv send
arch_prctl modify_ldt set_thread_area get_thread_area process_mrelease io_setup io_destroy io_submit io_getevents io_pgetevents io_cancel io_uring_enter io_uring_register
shmdt msgctl msgsnd msgrcv semctl semop semtimedop semtimedop_time64 mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64 mq_notify mq_getsetattr
inotify_rm_watch landlock_add_rule landlock_restrict_self ustat sysfs statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules quotactl_fd
bdflush nfsservctl vm86 vm86old ssetmask sgetmask olduname oldolduname oldfstat readdir ipc socketcall uretprobe listns
_sysctl afs_syscall break epoll_ctl_old epoll_wait_old ftime getpmsg putpmsg gtty stty idle lock mpx prof profil security tuxcall ulimit
vserver get_kernel_syms query_module syscall io_pgetevents_time64 rseq_slice_yield
arm_fadvise64_64 sync_file_range2 cacheflush set_tls get_tls breakpoint usr26 usr32
riscv_flush_icache riscv_hwprobe subpage_prot swapcontext switch_endian sys_debug_setcontext multiplexer spu_run
s390_guarded_storage s390_runtime_instr s390_sthyi cachectl sysmips
`
  .trim()
  .split(/\s+/);
