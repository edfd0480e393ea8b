# Database: a value is written, read, saved to disk by a child process, and still there after a restart.
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
up() { for _ in $(seq 300); do [ "$(redis-cli ping 2>/dev/null)" = PONG ] && return; sleep 0.1; done; echo 'redis does not answer'; exit 1; }
has() { [ "$(redis-cli get token)" = "$token" ]; }

up
redis-cli set token "$token" >/dev/null; redis-cli rpush list a b c >/dev/null
has || { echo 'the value was not kept'; exit 1; }
[ "$(redis-cli eval 'return redis.call("get", KEYS[1])' 1 token)" = "$token" ] || { echo 'a script did not run'; exit 1; }
redis-cli bgsave >/dev/null
for _ in $(seq 300); do redis-cli info persistence | grep -q rdb_bgsave_in_progress:0 && break; sleep 0.1; done
redis-cli info persistence | grep -q rdb_last_bgsave_status:ok || { echo 'the save failed'; exit 1; }
redis-cli bgrewriteaof >/dev/null
for _ in $(seq 300); do redis-cli info persistence | grep -q aof_rewrite_in_progress:0 && break; sleep 0.1; done
redis-cli info persistence | grep -q aof_last_bgrewrite_status:ok || { echo 'the append-only file was not written anew'; exit 1; }
systemctl restart redis-server || { echo 'the restart failed'; exit 1; }
up
has || { echo 'the value was lost by the restart'; exit 1; }
