#!/bin/bash
# What could an intruder do in this service?   intruder.sh UNIT EXECUTABLE [PROBE…]
#
# Runs inside a throw-away host, as root, with gcc, curl and python3. UNIT is stopped, and each probe of intruder.c is then started by the very
# same unit with all its drop-ins: the probe program lies, bind-mounted, at the path of the daemon's own EXECUTABLE (the program that
# does the work, also where the unit starts it by a script), so whatever the sandbox says about users, paths, execution, system calls
# and capabilities is said to the probe. One drop-in of the runtime is added: it starts EXECUTABLE once and alone, and names the probe.
# Prints a line for each probe: `NAME allowed`, or `NAME denied WHY` (an errno, SIGSYS, or `exit N` of the program that was started).
# `control` does nothing and must be allowed: if it is not, the other answers mean nothing. Exit 2: the probes could not be started.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
unit=${1%.service}.service executable=$2 file=$(realpath "$2"); shift 2
probes=("$@"); [ ${#probes[@]} -gt 0 ] || probes=(control shell download compiler shadow home cron program planted connect manager unit raw module mount namespace)

work=/var/lib/intruder; mkdir -p $work
gcc -O1 -static -nostdlib -ffreestanding -fno-stack-protector -fcf-protection=none -o $work/probe "$here/intruder.c"
python3 -m http.server --bind 127.0.0.1 --directory $work 8099 >/dev/null 2>&1 & server=$!
dropin=/run/systemd/system/$unit.d/zz-intruder.conf; mkdir -p "${dropin%/*}"
systemctl stop "$unit"
mount --bind $work/probe "$file"
leave() {
	umount "$file"; kill $server; rm -rf "$dropin" /root/.bashrc-intruder /etc/cron.d/intruder /usr/bin/intruder /var/tmp/intruder /run/systemd/system/intruder.service
	systemctl daemon-reload
}
trap leave EXIT
until (: <>/dev/tcp/127.0.0.1/8099) 2>/dev/null; do sleep 0.1; done

# errno NUMBER: its name
errno() { python3 -c 'import errno, sys; print(errno.errorcode.get(int(sys.argv[1]), sys.argv[1]))' "$1"; }

for name in "${probes[@]}"; do
	{
		printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nRemainAfterExit=yes\nRestart=no\nPIDFile=\nEnvironment=PROBE=%s\n' "$name"
		printf '%s=\n' ExecStartPre ExecStart ExecStartPost ExecReload ExecStop ExecStopPost
		printf 'ExecStart=%s\n' "$executable"
	} >"$dropin"
	systemctl daemon-reload
	# It remains after its exit: systemd would forget a unit that nothing else refers to, and its answer.
	systemctl start "$unit" 2>/dev/null || true
	code=$(systemctl show --value -p ExecMainCode "$unit") status=$(systemctl show --value -p ExecMainStatus "$unit")
	systemctl stop "$unit"; systemctl reset-failed "$unit" 2>/dev/null || true
	case $code:$status in
	1:0) echo "$name allowed" ;;
	1:2??) echo "$unit: the probe was not started (status $status of systemd.exec(5))" >&2; exit 2 ;;
	1:[1-9] | 1:[1-5]? | 1:6[0-4]) echo "$name denied exit $status" ;;
	1:*) echo "$name denied $(errno $((status - 64)))" ;;
	2:31 | 3:31) echo "$name denied SIGSYS" ;;
	*) echo "$name denied signal $status" ;;
	esac
done
