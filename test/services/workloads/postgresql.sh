# Database with instances: a table is written, sorted on disk, vacuumed and read; the value outlasts a reload and a restart.
version=$(ls /etc/postgresql | tail -1)
token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
ask() { runuser -u postgres -- psql -qAtX "$@"; }
for _ in $(seq 300); do ask -c 'select 1' >/dev/null 2>&1 && break; sleep 0.1; done
ask -c "create table if not exists t (x text); insert into t values ('$token'); insert into t select md5(i::text) from generate_series(1, 20000) i; analyze t" || { echo 'nothing was written'; exit 1; }
ask -c "set work_mem = '64kB'" -c 'create index on t (x)' -c 'select count(*) from (select x from t order by x desc) s' -c 'vacuum t' -c checkpoint >/dev/null || { echo 'nothing was sorted'; exit 1; }
systemctl reload postgresql@$version-main || { echo 'the reload failed'; exit 1; }
systemctl restart postgresql@$version-main || { echo 'the restart failed'; exit 1; }
for _ in $(seq 300); do ask -c 'select 1' >/dev/null 2>&1 && break; sleep 0.1; done
[ "$(ask -c "select count(*) from t where x = '$token'")" = 1 ] || { echo 'the value was lost by the restart'; exit 1; }
ask -c 'drop table t'
