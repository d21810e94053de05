# packages: sqlite3
work() {
	$run sqlite3 db 'create table t (a, b); insert into t values (1, "x"), (2, "y");'
	$run sqlite3 db 'pragma journal_mode = wal; begin; update t set b = "z" where a = 2; commit; vacuum;'
	$run sqlite3 db 'select * from t order by a; select count(*) from sqlite_master;'
	$run sqlite3 db .dump
}
refused=unshare
other() { $run unshare --user true; }
