# The certificate is replaced by rename, as those do who renew them.
set -e
name=c$(od -An -N4 -tx4 /dev/urandom | tr -d ' '); cd /etc/stunnel/tls
openssl req -x509 -key key.pem -days 9 -subj "/CN=$name" -out cert.new 2>/dev/null
mv cert.new cert.pem
systemctl kill --kill-who=main -s HUP stunnel@proof
for _ in $(seq 100); do openssl s_client -connect 127.0.0.1:8443 </dev/null 2>/dev/null | grep -q "CN *= *$name" && exit 0; sleep 0.1; done
echo 'the new certificate is not served'; exit 1
