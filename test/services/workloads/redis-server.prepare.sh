# Debian's own configuration, with the append-only file: redis renames between its directory and one below it.
sed -i 's/^appendonly no/appendonly yes/' /etc/redis/redis.conf
