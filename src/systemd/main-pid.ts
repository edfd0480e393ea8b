// A daemon that forks away from systemd without a PID file: systemd takes for its main process the only one left whose parent is
// systemd itself. strace is such a process too, so that systemd would find two and give up. This command, run after the start,
// follows the same rule without counting strace, and tells systemd. Sources: unit_search_main_pid() of systemd 252, sd_notify(3).

/** For /bin/sh, without its quoting for a unit file. It needs the unified cgroup hierarchy; elsewhere there is no main process. */
export const FIND_MAIN_PROCESS = `while IFS=: read -r number _ group; do [ "$number" != 0 ] || break; done </proc/self/cgroup
count=0
while read -r process; do
[ "$process" != $$ ] || continue
while read -r key value; do
case $key in Name:) name=$value ;; PPid:) parent=$value ;; esac
done <"/proc/$process/status" || continue
[ "$name" != strace ] && [ "$parent" = "$PPID" ] || continue
main=$process
count=$((count + 1))
done <"/sys/fs/cgroup$group/cgroup.procs"
[ "$count" != 1 ] || systemd-notify "MAINPID=$main"
exit 0`;

/** Gives the FIFOs to the user that systemd made up for this start (DynamicUser=): PID 1 leaves its number in this link. */
export const GIVE_FIFOS = 'exec chown "$(readlink "/run/systemd/dynamic-uid/direct:$USER")" "$@"';
