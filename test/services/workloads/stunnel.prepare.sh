# A TLS tunnel to a small server, as its own user.
set -e
mkdir -p /srv/backend; echo hello >/srv/backend/page
systemctl is-active -q proof-backend || systemd-run -q --unit proof-backend python3 -m http.server --bind 127.0.0.1 --directory /srv/backend 8080
mkdir -p /etc/stunnel/tls
[ -e /etc/stunnel/tls/cert.pem ] || openssl req -quiet -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=first -keyout /etc/stunnel/tls/key.pem -out /etc/stunnel/tls/cert.pem 2>/dev/null || openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=first -keyout /etc/stunnel/tls/key.pem -out /etc/stunnel/tls/cert.pem 2>/dev/null
chown stunnel4: /etc/stunnel/tls/key.pem; chmod 600 /etc/stunnel/tls/key.pem
systemd-tmpfiles --create
cat >/etc/stunnel/proof.conf <<'CONF'
setuid = stunnel4
setgid = stunnel4
foreground = yes
[proof]
accept = 127.0.0.1:8443
connect = 127.0.0.1:8080
cert = /etc/stunnel/tls/cert.pem
key = /etc/stunnel/tls/key.pem
CONF
