# Debian's own site (/var/www/html on port 80) and nothing else.
set -e
ln -sf ../sites-available/default /etc/nginx/sites-enabled/default
