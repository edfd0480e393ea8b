# A time server that leaves the clock of the machine alone.
echo 'DAEMON_OPTS="-x -F 0"' >/etc/default/chrony
[ -e /etc/chrony/conf.d/proof.conf ] || printf 'local stratum 8\nallow 127.0.0.1\n' >/etc/chrony/conf.d/proof.conf
