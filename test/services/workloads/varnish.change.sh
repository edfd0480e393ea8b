# The configuration is edited with sed -i, which replaces the file by rename: a reload compiles the new one.
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
sed -i "/X-Proof/d; s/^sub vcl_deliver {/&\n    set resp.http.X-Proof = \"$token\";/" /etc/varnish/default.vcl
systemctl reload varnish || { echo 'the reload failed'; exit 1; }
curl -s -o /dev/null -D - http://127.0.0.1:6081/page | grep -q "$token" || { echo 'the new configuration does not count'; exit 1; }
