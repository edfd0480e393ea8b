# The folder of its PID file, which is made at boot on a full system. Beside Debian's unit, whose wrapper insists on root,
# memcached-alone starts the daemon itself, with the same options.
set -e
systemd-tmpfiles --create memcached.conf
sed 's|^ExecStart=.*|ExecStart=/usr/bin/memcached -m 64 -p 11211 -u memcache -l 127.0.0.1 -P /run/memcached/memcached.pid|' \
	/lib/systemd/system/memcached.service >/etc/systemd/system/memcached-alone.service
systemctl daemon-reload
