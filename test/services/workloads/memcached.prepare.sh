# The folder of its PID file, which is made at boot on a full system.
set -e
systemd-tmpfiles --create memcached.conf
