# TLS tunnel: a page through it, and again after it was told to read its files anew.
fetch() { for _ in $(seq 60); do curl -sk --max-time 20 https://127.0.0.1:8443/page && return; sleep 0.2; done; }
[ "$(fetch)" = hello ] || { echo 'the page did not come through'; exit 1; }
sleep 6
systemctl kill --kill-who=main -s HUP stunnel@proof || { echo 'the signal was not sent'; exit 1; }
sleep 1
[ "$(fetch)" = hello ] || { echo 'the page did not come through after the signal'; exit 1; }
