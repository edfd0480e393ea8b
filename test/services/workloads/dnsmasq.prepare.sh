# Names below .test, from a fixed list and from a file that is read again at a reload; this host asks dnsmasq.
set -e
systemd-tmpfiles --create dnsmasq.conf
cat >/etc/dnsmasq.d/proof.conf <<'CONF'
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
address=/fixed.test/192.0.2.7
addn-hosts=/etc/proof-hosts
CONF
: >/etc/proof-hosts
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
