# One zone of its own, and nobody to ask.
set -e
systemd-tmpfiles --create
cat >/etc/bind/named.conf.local <<'CONF'
zone "proof.example" { type master; file "/etc/bind/db.proof"; allow-transfer { 127.0.0.1; }; };
CONF
cat >/etc/bind/named.conf.options <<'CONF'
options {
	directory "/var/cache/bind";
	dnssec-validation auto;
	recursion no;
	listen-on port 1053 { 127.0.0.1; };
	listen-on-v6 { none; };
};
CONF
[ -e /etc/bind/db.proof ] || printf '$TTL 60\n@ IN SOA ns root 1 60 60 60 60\n@ IN NS ns\nns IN A 127.0.0.1\nwww IN A 192.0.2.1\n' >/etc/bind/db.proof
