# Names: a fixed name is resolved, an unknown one is not, a new one is known after a reload.
name=n$(od -An -N8 -tx8 /dev/urandom | tr -d ' ').test
resolves() { getent hosts "$1" | grep -q "^$2 "; }

resolves fixed.test 192.0.2.7 || { echo 'a fixed name was not resolved'; exit 1; }
resolves "$name" 192.0.2.8 && { echo 'an unknown name was resolved'; exit 1; }
echo "192.0.2.8 $name" >/etc/proof-hosts
systemctl reload dnsmasq || { echo 'the reload failed'; exit 1; }
for _ in $(seq 300); do resolves "$name" 192.0.2.8 && exit 0; sleep 0.1; done
echo 'the new name is not known after the reload'; exit 1
