# Debian's own site on port 80, with the page that the package brings.
set -e
ln -sf ../sites-available/default /etc/nginx/sites-enabled/default
sed -i 's|root /var/www/html;|root /usr/share/nginx/html;|' /etc/nginx/sites-available/default
