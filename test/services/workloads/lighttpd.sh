# Web with scripts: its page, a missing one, a CGI script that gets an upload, a graceful restart.
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
site=http://127.0.0.1:81
fetch() { curl -s --max-time 5 --retry 20 --retry-connrefused --retry-delay 0 "$@"; }
serves() { fetch $site/index.html | cmp -s - /usr/share/lighttpd/index.html; }

serves || { echo 'the page was not served'; exit 1; }
[ "$(fetch -o /dev/null -w '%{http_code}' $site/missing)" = 404 ] || { echo 'a missing file is not 404'; exit 1; }
[ "$(fetch --data-binary hello "$site/cgi-bin/proof?$token")" = "POST $token www-data"$'\nhello' ] || { echo 'the script did not run'; exit 1; }
[ "$(head -c 300000 /dev/zero | fetch --data-binary @- "$site/cgi-bin/proof?$token" | wc -c)" -gt 300000 ] || { echo 'a large upload failed'; exit 1; }
systemctl reload lighttpd || { echo 'the reload failed'; exit 1; }
sleep 0.5
serves || { echo 'the page was not served after the reload'; exit 1; }
