// This is the init of a guest that Go has no port for. It puts each filter of its job file into
// force in a process, which makes the calls, and prints what came of them, a line of JSON each. The
// file holds numbers of 32 bits in the machine's byte order, as decide_test.go writes them. Where
// there is no such file, the program ends at once.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
	uint32_t nr, want, low[6], high[6]; // high: of machines of 64 bits
};

struct program { // struct sock_fprog
	unsigned short length;
	uint32_t *filter;
};

static volatile struct { // seen by parent and child
	uint32_t done, got[4096];
} *shared;

static uint32_t *at; // where the job is being read

// make makes a call and returns its errno. On m68k the C library asks the kernel where errno is, and
// that of n32 passes 32 bits of an argument.
static uint32_t make(const struct call *c) {
#ifdef __m68k__
	register long d0 __asm__("d0") = (int32_t)c->nr;
	register long d1 __asm__("d1") = c->low[0];
	register long d2 __asm__("d2") = c->low[1];
	register long d3 __asm__("d3") = c->low[2];
	register long d4 __asm__("d4") = c->low[3];
	register long d5 __asm__("d5") = c->low[4];
	register long a0 __asm__("a0") = c->low[5];
	__asm__ volatile("trap #0" : "+d"(d0) : "d"(d1), "d"(d2), "d"(d3), "d"(d4), "d"(d5), "a"(a0) : "memory");
	return d0 < 0 && d0 >= -4095 ? -d0 : 0;
#elif defined(_ABIN32) && _MIPS_SIM == _ABIN32
#define ARGUMENT(i) ((uint64_t)c->high[i] << 32 | c->low[i])
	register uint64_t v0 __asm__("$2") = c->nr;
	register uint64_t a0 __asm__("$4") = ARGUMENT(0);
	register uint64_t a1 __asm__("$5") = ARGUMENT(1);
	register uint64_t a2 __asm__("$6") = ARGUMENT(2);
	register uint64_t a3 __asm__("$7") = ARGUMENT(3);
	register uint64_t a4 __asm__("$8") = ARGUMENT(4);
	register uint64_t a5 __asm__("$9") = ARGUMENT(5);
	__asm__ volatile("syscall" : "+r"(v0), "+r"(a3) : "r"(a0), "r"(a1), "r"(a2), "r"(a4), "r"(a5)
		: "$1", "$3", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25", "hi", "lo", "memory");
	return a3 ? v0 : 0;
#else
	long a[6];
	for (int i = 0; i < 6; i++)
		a[i] = (int32_t)c->low[i];
	errno = 0;
	return syscall((int32_t)c->nr, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 ? errno : 0;
#endif
}

// decide lets nothing pass any more: it cannot even end.
static void decide(struct program *p, const struct call *calls, uint32_t n) {
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, 2, p)) {
		perror("filter");
		_exit(1);
	}
	for (uint32_t i = 0; i < n; i++)
		shared->got[i] = make(&calls[i]);
	shared->done = 1;
	for (;;)
		;
}

static void tell(const char *kind, const char *name, uint32_t checked, uint32_t wrong) {
	printf("\nGUEST {\"kind\":\"%s\",\"name\":\"%s\",\"checked\":%u,\"wrong\":%u}\n", kind, name, checked,
		wrong);
}

static void one(const char *name) {
	uint32_t instructions = *at++;
	struct program p = {instructions, at};
	uint32_t n = *(at += 2 * instructions);
	const struct call *calls = (void *)++at;
	at += n * sizeof *calls / 4;
	shared->done = 0;
	pid_t pid = fork();
	if (pid == 0)
		decide(&p, calls, n);
	int status = 0;
	while (!shared->done && waitpid(pid, &status, WNOHANG) == 0)
		usleep(1000);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	uint32_t wrong = 0;
	for (uint32_t i = 0; i < n; i++)
		if (!shared->done || shared->got[i] != calls[i].want)
			if (!wrong++)
				printf("%s: call %u, number %u: errno %u, want %u\n", name, i, calls[i].nr,
					shared->got[i], calls[i].want);
	tell("decide", name, n, wrong);
}

int main(void) {
	struct stat st;
	int fd = open("/seccompc-guest-calls", O_RDONLY);
	if (fd < 0 || fstat(fd, &st)) {
		fputs("this is the init of a guest; here is none\n", stderr);
		return 1;
	}
	uint32_t *job = malloc(st.st_size);
	if (!job || read(fd, job, st.st_size) != st.st_size)
		return 1;
	setvbuf(stdout, NULL, _IONBF, 0);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	at = job;
	for (uint32_t n = *at++; n > 0; n--) {
		const char *name = (void *)at;
		at += 16; // words
		one(name);
	}
	tell("end", "", 0, 0);
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return 0;
}
