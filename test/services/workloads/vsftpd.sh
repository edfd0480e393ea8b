# Files: alice uploads, lists, renames, downloads and deletes; a wrong password is refused.
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
for _ in $(seq 300); do (: <>/dev/tcp/127.0.0.1/21) 2>/dev/null && break; sleep 0.1; done
ftp() { curl -s --max-time 10 --user alice:correct-horse "$@"; }
home=ftp://127.0.0.1

echo "$token" | ftp -T - $home/up.txt || { echo 'the upload failed'; exit 1; }
ftp -Q '-RNFR up.txt' -Q '-RNTO kept.txt' $home/ >/dev/null || { echo 'renaming failed'; exit 1; }
ftp --list-only $home/ | grep -q '^kept.txt' || { echo 'the file is not listed'; exit 1; }
[ "$(ftp $home/kept.txt)" = "$token" ] || { echo 'the download differs'; exit 1; }
ftp -Q '-DELE kept.txt' $home/ >/dev/null && [ ! -e ~alice/kept.txt ] || { echo 'deleting failed'; exit 1; }
curl -s --max-time 10 --user alice:wrong $home/ && { echo 'a wrong password was accepted'; exit 1; }
grep -qs 'up.txt' /var/log/vsftpd.log || { echo 'the transfer was not logged'; exit 1; }
