# The site is edited with sed -i, which replaces the file by rename: after a reload the new one counts.
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
sed -i "/Redirect/d; s|^</VirtualHost>|Redirect /changed http://127.0.0.1:82/$token\n</VirtualHost>|" /etc/apache2/sites-available/000-default.conf
systemctl reload apache2 || { echo 'the reload failed'; exit 1; }
for _ in $(seq 100); do [[ $(curl -s -o /dev/null -w '%{redirect_url}' http://127.0.0.1:82/changed) == */$token ]] && exit 0; sleep 0.1; done
echo 'the new site is not served'; exit 1
