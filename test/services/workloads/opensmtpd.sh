# Mail: a message is given to smtpd over SMTP and found in alice's mailbox.
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
for _ in $(seq 300); do { exec 3<>/dev/tcp/127.0.0.1/25; } 2>/dev/null && break; sleep 0.1; done

# expect CODE [LINE]: sends a line, then wants an answer that starts with the code
expect() {
	[ $# = 1 ] || printf '%s\r\n' "$2" >&3
	read -r -t 5 answer <&3 && [[ $answer == "$1"* ]] || { echo "smtpd said '$answer' to '${2:-our connection}'"; exit 1; }
}
expect 220
expect 250 'HELO localhost'
expect 250 'MAIL FROM:<bob@localhost>'
expect 250 'RCPT TO:<alice@localhost>'
expect 354 DATA
expect 250 "Subject: $token"$'\r\n\r\nhello\r\n.'
expect 221 QUIT

for _ in $(seq 300); do grep -qs "$token" /var/mail/alice && exit 0; sleep 0.1; done
echo 'the mail did not arrive'; exit 1
