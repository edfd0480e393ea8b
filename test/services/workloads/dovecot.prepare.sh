# Mail of two virtual users, whose passwords are in a file.
set -e
systemd-tmpfiles --create
id vmail >/dev/null 2>&1 || useradd --system --home-dir /var/vmail vmail
mkdir -p /var/vmail; chown vmail: /var/vmail
if dovecot --version | grep -q '^2\.[0-3]\.'; then
cat >/etc/dovecot/conf.d/99-proof.conf <<'CONF'
mail_location = maildir:/var/vmail/%u
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
passdb {
  driver = passwd-file
  args = scheme=PLAIN /etc/dovecot/users
}
userdb {
  driver = static
  args = uid=vmail gid=vmail home=/var/vmail/%u
}
service imap-login {
  inet_listener imap {
    port = 1143
  }
}
CONF
else
cat >/etc/dovecot/conf.d/99-proof.conf <<'CONF'
mail_driver = maildir
mail_path = /var/vmail/%{user}
mail_inbox_path =
listen = 127.0.0.1
ssl = no
auth_allow_cleartext = yes
passdb passwd-file {
  passwd_file_path = /etc/dovecot/users
  default_password_scheme = PLAIN
}
userdb static {
  fields {
    uid = vmail
    gid = vmail
    home = /var/vmail/%{user}
  }
}
service imap-login {
  inet_listener imap {
    port = 1143
  }
}
CONF
fi
grep -q '^ann:' /etc/dovecot/users 2>/dev/null || printf 'ann:secret\nbob:secret\n' >/etc/dovecot/users
sed -i 's/^!include auth-system/#&/' /etc/dovecot/conf.d/10-auth.conf
sed -i 's/^ssl_\(server_\)\?\(cert\|key\)/#&/' /etc/dovecot/conf.d/10-ssl.conf
cat >/srv/imap.py <<'PY'
# A mail is put into a user's folder and read again: imap.py USER TOKEN
import imaplib, sys, time
user, token = sys.argv[1:]
for attempt in range(100):
    try: mail = imaplib.IMAP4('127.0.0.1', 1143); break
    except OSError: time.sleep(0.1)
mail.login(user, 'secret')
mail.create('proof'); mail.append('proof', None, None, b'Subject: ' + token.encode() + b'\r\n\r\nhello\r\n')
mail.select('proof')
assert mail.search(None, 'SUBJECT', token)[1][0].split()
mail.store('1:*', '+FLAGS', '\\Deleted'); mail.expunge(); mail.logout()
PY
