# DNS: a name of its zone, one that is not there, a transfer of the zone, a reload.
ask() { dig +short +time=2 +tries=10 -p 1053 @127.0.0.1 "$@"; }
for _ in $(seq 100); do [ -n "$(ask ns.proof.example A)" ] && break; sleep 0.1; done
[[ $(ask www.proof.example A) == 192.0.2.* ]] || { echo 'the name was not found'; exit 1; }
[ -z "$(ask none.proof.example A)" ] || { echo 'a name that is not there was found'; exit 1; }
[ "$(dig +tcp -p 1053 @127.0.0.1 proof.example AXFR | grep -c 'IN')" -ge 4 ] || { echo 'the zone was not transferred'; exit 1; }
systemctl reload named || { echo 'the reload failed'; exit 1; }
sleep 0.5
[[ $(ask www.proof.example A) == 192.0.2.* ]] || { echo 'the name was not found after the reload'; exit 1; }
