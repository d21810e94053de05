# packages: psql:postgresql
# The server refuses to be root.
prepare() {
	useradd --system seccompc-postgres 2>/dev/null || id seccompc-postgres >/dev/null
	mkdir -p home; chown seccompc-postgres home
}
as() { setpriv --reuid seccompc-postgres --regid seccompc-postgres --clear-groups "$@"; }
export -f as
work() {
	local bin; bin=$(echo /usr/lib/postgresql/*/bin); cd home
	rm -rf data
	as "$bin/initdb" -D data --auth trust --no-sync -E UTF8 --locale C >/dev/null
	as $run "$bin/postgres" -D data -c listen_addresses= -k "$PWD" >log 2>&1 &
	until as "$bin/pg_isready" -q -h "$PWD"; do sleep 0.1; done
	sql() { as psql -h "$PWD" -d postgres -qAt "$@"; }
	sql -c 'create table t (a int primary key, b text)' -c "insert into t select n, 'row' from generate_series(1, 2000) n"
	sql -c 'select count(*), max(a) from t' -c 'create index on t (b)' -c 'vacuum analyze t' -c checkpoint
	sql -c "select b from t where a = 7" -c 'drop table t'
	sql -c "copy (select 1) to program 'cat >copied'"; cat data/copied
	as "$bin/pg_ctl" -D data -s -w -m fast stop; wait; echo "ends with $?"
}
refused=unshare
other() { $run unshare --user true; }
