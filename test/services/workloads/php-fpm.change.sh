# The pool is edited with sed -i, which replaces the file by rename: after a reload the new one counts.
version=$(ls /etc/php | tail -1)
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
sed -i '/^env.PROOF/d' /etc/php/$version/fpm/pool.d/www.conf
sed -i "\$a env[PROOF] = $token" /etc/php/$version/fpm/pool.d/www.conf
systemctl reload php$version-fpm || { echo 'the reload failed'; exit 1; }
for _ in $(seq 100); do [[ $(python3 /srv/fcgi.py /run/php/php$version-fpm.sock /var/www/proof/index.php token=x 2>/dev/null) == "x $token "* ]] && exit 0; sleep 0.1; done
echo 'the new pool does not run'; exit 1
