# packages: bash
work() {
	seq 1000 | grep 7 | sort -r | head -3
	for i in 1 2 3; do (echo "child $i") & wait; done
	printf '%s\n' a b a | sort | uniq -c | awk '{ print $2 ":" $1 }'
	read -r line < <(echo substituted); echo "$line"
	tee copy <<<'a line' | tr a-z A-Z; cat copy
	trap 'echo trapped' USR1; kill -USR1 $$
	sleep 0.01; exit 3
}
refused=mount
other() { mount -t tmpfs none /mnt; }
