# A user is added with sed -i, which replaces the file by rename.
token=u$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
sed -i "\$a $token:secret" /etc/dovecot/users
systemctl reload dovecot || { echo 'the reload failed'; exit 1; }
sleep 1
python3 /srv/imap.py "$token" hello || { echo 'the new user has no mail'; exit 1; }
