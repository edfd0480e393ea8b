# PHP pool: a script that writes a session and a temporary file, by both names of the socket, before and after a reload.
version=$(ls /etc/php | tail -1)
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
ask() { for _ in $(seq 100); do python3 /srv/fcgi.py "$1" /var/www/proof/index.php "token=$token" 2>/dev/null && return; sleep 0.1; done; echo 'no answer'; }

[[ $(ask /run/php/php$version-fpm.sock) == "$token "* ]] || { echo 'the script did not run'; exit 1; }
[[ $(ask /run/php/php-fpm.sock) == "$token "* ]] || { echo 'the script did not run by the other name'; exit 1; }
systemctl reload php$version-fpm || { echo 'the reload failed'; exit 1; }
sleep 1
[[ $(ask /run/php/php$version-fpm.sock) == "$token "* ]] || { echo 'the script did not run after the reload'; exit 1; }
