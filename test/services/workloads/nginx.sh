# Web: its page is served, a missing one is not, an upload too large for memory is refused politely, a reload keeps the service up.
fetch() { curl -s --max-time 5 --retry 20 --retry-connrefused --retry-delay 0 "$@"; }
code() { fetch -o /dev/null -w '%{http_code}' "$@"; }
serves() { fetch http://127.0.0.1/index.html | cmp -s - /usr/share/nginx/html/index.html; }

serves || { echo 'the page was not served'; exit 1; }
[ "$(code http://127.0.0.1/missing)" = 404 ] || { echo 'a missing file is not 404'; exit 1; }
[ "$(head -c 100000 /dev/zero | code --data-binary @- http://127.0.0.1/index.html)" = 405 ] || { echo 'an upload is not 405'; exit 1; }

# Older ones fill their title up with blanks.
before=$(pgrep -f 'nginx: worker process *$' | sort | head -1)
[ -n "$before" ] || { echo 'no worker was found'; exit 1; }
systemctl reload nginx || { echo 'the reload failed'; exit 1; }
for _ in $(seq 300); do [ -e "/proc/$before" ] || break; sleep 0.1; done
[ ! -e "/proc/$before" ] || { echo 'the old worker stayed'; exit 1; }
serves || { echo 'the page was not served after the reload'; exit 1; }
grep -q 'GET /missing' /var/log/nginx/access.log || { echo 'the request was not logged'; exit 1; }
