# packages: redis-server redis-cli:redis-tools
work() {
	$run redis-server --port 0 --unixsocket "$PWD/socket" --dir "$PWD" --daemonize no --save '' >log 2>&1 &
	local server=$!
	cli() { redis-cli -s "$PWD/socket" "$@"; }
	until cli ping >/dev/null 2>&1; do sleep 0.05; done
	cli set a 1; cli incr a; cli lpush l x y z; cli lrange l 0 -1; cli eval 'return 6 * 7' 0
	cli save; cli bgrewriteaof >/dev/null; cli expire a 100; cli keys '*' | sort; sleep 0.3
	cli shutdown nosave; wait $server; echo "ends with $?"
}
other() { $run mount -t tmpfs none /mnt; }
refused=mount
