# Delivers a mail to alice through SMTP and finds it in her mailbox. The service must be running.
set -e
token=$(head -c 9 /dev/urandom | base64 | tr -d /+)
for _ in $(seq 50); do (exec 3<>/dev/tcp/127.0.0.1/25) 2>/dev/null && break; sleep 0.1; done
exec 3<>/dev/tcp/127.0.0.1/25
say() { read -r -t 5 answer <&3; printf '%s\r\n' "$1" >&3; }
say 'HELO localhost'; say 'MAIL FROM:<bob@example.org>'; say 'RCPT TO:<alice@localhost>'; say DATA
say "Subject: $token"$'\r\n\r\nhello\r\n.'; say QUIT; read -r -t 5 answer <&3 || true
for _ in $(seq 50); do grep -qs "$token" /var/mail/alice && exit 0; sleep 0.1; done
echo "the mail did not arrive: $answer"; exit 1
