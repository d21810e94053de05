# packages: bash
work() {
	$run bash -c 'seq 1000 | grep 7 | tail -1; echo "int main(void) { return 7; }" >p.c; gcc -o p p.c; ./p; echo $?'
}
refused=unshare
other() { $run unshare --user true; }
