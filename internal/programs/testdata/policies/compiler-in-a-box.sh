# packages: gcc make
work() {
	printf '%s\n' '#include <stdio.h>' 'int main(void) { puts("built"); }' >p.c
	printf 'p: p.o\n\tgcc -o p p.o\n' >Makefile
	$run make -s -j2 CFLAGS=-O2 p && ./p
}
refused=unshare
other() { $run unshare --user true; }
