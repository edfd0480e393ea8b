# The configuration is edited with sed -i, which replaces the file by rename: after a reload the new one counts.
version=$(ls /etc/postgresql | tail -1)
sed -i '/^log_line_prefix/d' /etc/postgresql/$version/main/postgresql.conf
sed -i "\$a log_line_prefix = 'proof$$ '" /etc/postgresql/$version/main/postgresql.conf
systemctl reload postgresql@$version-main || { echo 'the reload failed'; exit 1; }
for _ in $(seq 100); do [ "$(runuser -u postgres -- psql -qAtX -c 'show log_line_prefix')" = "proof$$ " ] && exit 0; sleep 0.1; done
echo 'the new configuration does not count'; exit 1
