# Debian's own pool, with a script that writes a session and a temporary file.
set -e
systemd-tmpfiles --create
mkdir -p /var/www/proof
cat >/var/www/proof/index.php <<'PHP'
<?php
session_id('proof'); session_start(); $_SESSION['token'] = $_GET['token'];
$name = tempnam(sys_get_temp_dir(), 'proof'); file_put_contents($name, $_GET['token']);
echo file_get_contents($name), ' ', getenv('PROOF'), ' ', date('e'), "\n"; unlink($name);
PHP
cat >/srv/fcgi.py <<'PY'
# One FastCGI request: fcgi.py SOCKET SCRIPT QUERY (specification 1.0).
import socket, struct, sys
where, script, query = sys.argv[1:]
def record(kind, body): return struct.pack('!BBHHBB', 1, kind, 1, len(body), 0, 0) + body
def pair(name, value): return struct.pack('!II', len(name) | 1 << 31, len(value) | 1 << 31) + name.encode() + value.encode()
asked = {'SCRIPT_FILENAME': script, 'QUERY_STRING': query, 'REQUEST_METHOD': 'GET', 'SERVER_PROTOCOL': 'HTTP/1.1', 'GATEWAY_INTERFACE': 'CGI/1.1'}
s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(where)
s.sendall(record(1, struct.pack('!HB5x', 1, 0)) + record(4, b''.join(pair(*one) for one in asked.items())) + record(4, b'') + record(5, b''))
data = b''
while chunk := s.recv(65536): data += chunk
out = b''
while data:
    _, kind, _, length, padding, _ = struct.unpack('!BBHHBB', data[:8])
    if kind == 6: out += data[8:8 + length]
    data = data[8 + length + padding:]
print(out.decode().split('\r\n\r\n', 1)[1].strip())
PY
