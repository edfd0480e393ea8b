# Debian's own site on port 82, with a CGI script beside it.
set -e
systemd-tmpfiles --create
sed -i 's/^Listen 80$/Listen 82/' /etc/apache2/ports.conf
sed -i 's/:80>/:82>/' /etc/apache2/sites-available/000-default.conf
a2enmod -q cgid alias >/dev/null
mkdir -p /usr/lib/cgi-bin
cat >/usr/lib/cgi-bin/proof <<'CGI'
#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
echo "$REQUEST_METHOD $QUERY_STRING $(id -un)"
CGI
chmod 755 /usr/lib/cgi-bin/proof
a2enconf -q serve-cgi-bin >/dev/null
