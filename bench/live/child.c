#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "child.h"

static uint64_t nanoseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* The time-stamp counter needs no system call, which the filter might refuse. */
static double calibrate(void)
{
	uint64_t start = nanoseconds(), ticks = __rdtsc(), now;
	do
		now = nanoseconds();
	while (now - start < 2000000);
	return (double)(now - start) / (double)(__rdtsc() - ticks);
}

static double batch(const struct probe *p, double ns_per_tick)
{
	uint64_t start = __rdtsc();
	for (int i = 0; i < CALLS; i++)
		syscall(p->nr, p->args[0], p->args[1], p->args[2], p->args[3], p->args[4], p->args[5]);
	return (double)(__rdtsc() - start) * ns_per_tick / CALLS;
}

/* Takes the batches of the probes in turns, so that a disturbance meets all alike. */
static void time_probes(double ns[PROBES][BATCHES], const struct probe *probes, double ns_per_tick)
{
	for (int b = 0; b < BATCHES; b++)
		for (int i = 0; i < PROBES; i++)
			if (probes[i].nr >= 0)
				ns[i][b] = batch(&probes[i], ns_per_tick);
}

/*
 * Times the probes, installs the filter on the calling thread, some times, and times them again: how fast system
 * calls are differs from process to process, so only times of one process can be compared. The filter
 * may forbid what the rest of the process needs, so there is no way back: the process ends here, of a
 * signal if the filter forbids exit_group too.
 */
void measure(struct results *out, struct sock_filter *filter, int len, int times,
	     const struct probe *probes)
{
	struct rlimit no_core = {0, 0};
	struct sock_fprog program = {.len = len, .filter = filter};
	double ns_per_tick = calibrate();

	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGILL, SIG_DFL);
	signal(SIGSYS, SIG_DFL);
	time_probes(out->bare, probes, ns_per_tick);
	int failed = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0;
	for (int i = 0; i < times && !failed; i++)
		failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0;
	if (failed) {
		out->error = errno;
		_exit(1);
	}
	time_probes(out->filtered, probes, ns_per_tick);
	out->done = 1;
	syscall(SYS_exit_group, 0);
	__builtin_trap();
}
