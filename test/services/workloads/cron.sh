# Schedule: jobs of the system and of a user run when cron starts (nothing here waits for the next minute).
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
echo "@reboot root echo $token >/var/lib/misc/cron-proof" >/etc/cron.d/proof
echo "@reboot cd && date '+$token \\%Y' >cron-proof" | crontab -u alice -
rm -f /run/crond.reboot
systemctl restart cron || { echo 'the restart failed'; exit 1; }
for _ in $(seq 100); do
	grep -qs "$token" /var/lib/misc/cron-proof && grep -qs "$token" ~alice/cron-proof &&
		[ "$(stat -c %U ~alice/cron-proof)" = alice ] && exit 0
	sleep 0.1
done
echo 'the jobs did not run'; exit 1
