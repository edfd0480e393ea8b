# Time server: it tells the time, its control socket answers, sources are read anew.
for _ in $(seq 100); do chronyc -n tracking >/dev/null 2>&1 && break; sleep 0.1; done
chronyc -n tracking | grep -q '^Stratum' || { echo 'chronyc has no answer'; exit 1; }
chronyc -h /run/chrony/chronyd.sock -n serverstats | grep -q '^NTP packets' || { echo 'the socket has no answer'; exit 1; }
printf 'server 127.0.0.9 iburst\n' >/etc/chrony/sources.d/proof.sources
chronyc reload sources | grep -q OK || { echo 'the sources were not read'; exit 1; }
chronyc -n sources | grep -q 127.0.0.9 || { echo 'the source is missing'; exit 1; }
python3 - <<'PY' || { echo 'no time was told'; exit 1; }
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5)
s.sendto(b'\x23' + 47 * b'\0', ('127.0.0.1', 123)); assert len(s.recv(100)) >= 48
PY
