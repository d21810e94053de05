# packages: bash gcc python3
work() {
	$run bash -c 'echo "int main(void) { return 7; }" >p.c; gcc -o p p.c; ./p; echo $?'
	$run python3 -c 'import json, threading
t = threading.Thread(target=lambda: print(json.dumps([1]))); t.start(); t.join()'
}
refused=mmap
other() { $run python3 -c 'import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)'; }
