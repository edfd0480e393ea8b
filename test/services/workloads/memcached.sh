# Cache: values are set and read over eight connections at once, which its threads share.
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
for _ in $(seq 300); do { exec 3<>/dev/tcp/127.0.0.1/11211; } 2>/dev/null && break; sleep 0.1; done

# round N: one connection; sets, reads, counts
round() {
	local line
	exec 4<>/dev/tcp/127.0.0.1/11211 || return 1
	say() { printf '%s\r\n' "$1" >&4; }
	hear() { read -r -t 5 line <&4 && [ "${line%$'\r'}" = "$1" ]; }
	say "set $1-$token 0 60 ${#token}"; say "$token"; hear STORED || return 1
	say "get $1-$token"; hear "VALUE $1-$token 0 ${#token}" && hear "$token" && hear END || return 1
	say "set $1-count-$token 0 60 1"; say 1; hear STORED || return 1
	say "incr $1-count-$token 41"; hear 42
}
rounds=()
for n in 1 2 3 4 5 6 7 8; do round $n & rounds+=($!); done
for pid in "${rounds[@]}"; do wait "$pid" || { echo 'a connection got a wrong answer'; exit 1; }; done
