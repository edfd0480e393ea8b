# Web with scripts around it: its page, a missing one, a CGI script, a graceful restart.
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
site=http://127.0.0.1:82
fetch() { for _ in $(seq 60); do curl -s --max-time 20 "$@" && return; sleep 0.2; done; }

fetch $site/index.html | cmp -s - /var/www/html/index.html || { echo 'the page was not served'; exit 1; }
[ "$(fetch -o /dev/null -w '%{http_code}' $site/missing)" = 404 ] || { echo 'a missing file is not 404'; exit 1; }
[ "$(fetch "$site/cgi-bin/proof?$token")" = "GET $token www-data" ] || { echo 'the script did not run'; exit 1; }
systemctl reload apache2 || { echo 'the reload failed'; exit 1; }
sleep 1
fetch $site/index.html | cmp -s - /var/www/html/index.html || { echo 'the page was not served after the reload'; exit 1; }
[ "$(fetch "$site/cgi-bin/proof?$token")" = "GET $token www-data" ] || { echo 'the script did not run after the reload'; exit 1; }
