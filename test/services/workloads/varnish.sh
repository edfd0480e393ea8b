# Cache with its compiler: a page from the server behind it, the same from the cache, a reload that compiles the configuration anew.
fetch() { for _ in $(seq 60); do curl -s --max-time 20 "$@" && return; sleep 0.2; done; }
for _ in $(seq 100); do [ "$(fetch http://127.0.0.1:6081/page)" = hello ] && break; sleep 0.1; done
[ "$(fetch http://127.0.0.1:6081/page)" = hello ] || { echo 'the page was not served'; exit 1; }
[[ $(fetch -o /dev/null -D - http://127.0.0.1:6081/page) == *X-Varnish:\ *\ * ]] || { echo 'the page was not cached'; exit 1; }
systemctl reload varnish || { echo 'the reload failed'; exit 1; }
[ "$(fetch http://127.0.0.1:6081/page)" = hello ] || { echo 'the page was not served after the reload'; exit 1; }
