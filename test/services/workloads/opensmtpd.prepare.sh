# A user alice with a mailbox; smtpd listens on 127.0.0.1 and delivers local mail to mailboxes.
set -e
id alice >/dev/null 2>&1 || useradd --create-home --shell /bin/sh alice
cat >/etc/smtpd.conf <<'CONF'
listen on 127.0.0.1
action "local" mbox
match for local action "local"
CONF
