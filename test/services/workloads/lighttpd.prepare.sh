# Debian's own configuration with CGI scripts, the page that the package brings, and port 81, so that it can run beside another web server.
set -e
systemd-tmpfiles --create lighttpd.tmpfile.conf
sed -i 's/^server.port .*/server.port = 81/; s|^server.document-root .*|server.document-root = "/usr/share/lighttpd"|' /etc/lighttpd/lighttpd.conf
ln -sf ../conf-available/10-cgi.conf /etc/lighttpd/conf-enabled/10-cgi.conf
mkdir -p /usr/lib/cgi-bin
cat >/usr/lib/cgi-bin/proof <<'CGI'
#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
echo "$REQUEST_METHOD $QUERY_STRING $(id -un)"
cat
CGI
chmod 755 /usr/lib/cgi-bin/proof
