# A cache before a small server.
set -e
mkdir -p /srv/backend; echo hello >/srv/backend/page
systemctl is-active -q proof-backend || systemd-run -q --unit proof-backend python3 -m http.server --bind 127.0.0.1 --directory /srv/backend 8080
