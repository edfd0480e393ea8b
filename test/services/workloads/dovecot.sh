# Mail store: two users log in, put a mail into a folder and find it again, before and after a reload.
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
python3 /srv/imap.py ann "$token" || { echo 'ann has no mail'; exit 1; }
python3 /srv/imap.py bob "$token" || { echo 'bob has no mail'; exit 1; }
systemctl reload dovecot || { echo 'the reload failed'; exit 1; }
sleep 1
python3 /srv/imap.py ann "$token" || { echo 'ann has no mail after the reload'; exit 1; }
