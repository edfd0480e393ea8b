# The zone is edited with sed -i, which replaces the file by rename: after a reload the new one counts.
serial=$(sed -n 's/.* root \([0-9]*\) .*/\1/p' /etc/bind/db.proof); next=$((serial + 1))
sed -i "s/ root $serial / root $next /; s/^www .*/www IN A 192.0.2.$next/" /etc/bind/db.proof
systemctl reload named || { echo 'the reload failed'; exit 1; }
for _ in $(seq 100); do [ "$(dig +short -p 1053 @127.0.0.1 www.proof.example A)" = "192.0.2.$next" ] && exit 0; sleep 0.1; done
echo 'the new zone is not served'; exit 1
