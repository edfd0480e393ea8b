#!/bin/bash
# Traces a service at its work.   learn.sh UNIT FOLDER: from its next start on, each command line of UNIT writes FOLDER/WHAT.PID
#                                 learn.sh UNIT end: UNIT is stopped, and is as it was
# Runs inside a throw-away host, as root. strace stands aside (-D), so that the traced program is what systemd takes for the service; `+` lets it
# trace where the unit's own sandbox would not, and -u gives the program the user that `+` takes away. The shell's PWD is taken out again.
set -euo pipefail
unit=${1%.service}.service logs=$2
dropin=/run/systemd/system/$unit.d/zz-learn.conf
if [ "$logs" = end ]; then
	systemctl stop "$unit"
	for _ in $(seq 100); do pgrep -x strace >/dev/null || break; sleep 0.1; done
	rm -f "$dropin"; systemctl daemon-reload
	exit
fi
mkdir -p "${dropin%/*}" "$logs"
user=$(systemctl show --value -p User "$unit")
{
	printf '[Service]\nTimeoutStartSec=60\n'
	reset=' '
	while IFS='=' read -r name line; do
		[[ $reset == *" $name "* ]] || { echo "$name="; reset+="$name "; }
		[[ $line =~ ^([-@:+!|]*)(.*)$ ]]
		optional=; [[ ${BASH_REMATCH[1]} == *-* ]] && optional=-
		as=${user:+-u $user}; [[ ${BASH_REMATCH[1]} == *!* ]] && as=	# starts as root whatever User= says
		traced="exec env -u PWD strace -D -f -y -ttt -s 256 $as -o $logs/\"\$\$0\".\$\$\$\$ -- \"\$\$@\""
		printf "%s=%s+/bin/sh -c '%s' %s %s\n" "$name" "$optional" "$traced" "$name" "${BASH_REMATCH[2]}"
	done < <(systemctl cat "$unit" | sed -e ':a' -e '/\\$/{N;s/\\\n/ /;ba' -e '}' | grep -E '^Exec(Start|StartPre|StartPost|Reload|Stop|StopPost)=.')
} >"$dropin"
systemctl daemon-reload
