# Login: alice runs a command, a file goes there and back over SFTP, a wrong user is refused, a reload keeps the service up.
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
options=(-q -i /srv/client/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes -o ConnectTimeout=5)
for _ in $(seq 300); do (: <>/dev/tcp/127.0.0.1/22) 2>/dev/null && break; sleep 0.1; done
remote() { timeout 10 ssh "${options[@]}" alice@127.0.0.1 "$@"; }

[ "$(remote "id -un; echo $token >token; pwd")" = $'alice\n/home/alice' ] || { echo 'the command did not run'; exit 1; }
printf 'get token /srv/client/fetched\nput /srv/client/fetched returned\n' | timeout 10 sftp "${options[@]}" -b - alice@127.0.0.1 >/dev/null ||
	{ echo 'SFTP failed'; exit 1; }
[ "$(cat /home/alice/returned)" = "$token" ] || { echo 'the file did not come through'; exit 1; }
timeout 10 ssh "${options[@]}" nobody@127.0.0.1 true && { echo 'a wrong user was let in'; exit 1; }
systemctl reload ssh || { echo 'the reload failed'; exit 1; }
for _ in $(seq 300); do [ "$(remote cat token)" = "$token" ] && exit 0; sleep 0.1; done
echo 'no login after the reload'; exit 1
