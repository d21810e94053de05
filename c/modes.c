/* SPDX-License-Identifier: Apache-2.0
 *
 * How a sandbox installs what seccompc generated, with a mode that is chosen at run time: a prelude
 * for all threads of the process, Landlock, then the filter of the mode for this thread. Instead of
 * executing a program it tries what the program would meet.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "filters/openshell.h"
#include "filters/prelude.h"
#include "seccompc.h"

#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_RESTRICT_SELF 446
#define CLONE3 435
#define IO_URING_SETUP 425

/* Lets this thread write no file from now on (include/uapi/linux/landlock.h). */
static int landlock(void)
{
	uint64_t write_file = 1 << 1;
	long ruleset = syscall(LANDLOCK_CREATE_RULESET, &write_file, sizeof write_file, 0UL);

	return ruleset < 0 ? -1 : (int)syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0UL);
}

static int sandbox(enum openshell_configuration mode)
{
	size_t len;
	const struct sock_filter *filter = openshell_of(mode, &len);
	int err = seccompc_install(prelude, sizeof prelude / sizeof *prelude, SECCOMPC_PROCESS);

	if (err == 0)
		err = landlock();
	if (err == 0)
		err = seccompc_install(filter, len, SECCOMPC_THREAD);
	return err ? err : seccompc_confined();
}

static pthread_barrier_t confined;

static void *mount_later(void *seen)
{
	pthread_barrier_wait(&confined);
	*(int *)seen = syscall(SYS_mount, 0UL, 0UL, 0UL, 0UL, 0UL) == -1 && errno == EPERM;
	return NULL;
}

/* What a program in the sandbox meets: a call, and its errno in each mode, 0 for a success. */
static const struct {
	const char *what;
	long nr;
	unsigned long args[3];
	int block, proxy;
} behaviours[] = {
	{ "memfd_create", SYS_memfd_create, { 0 }, EPERM, EPERM },
	{ "ptrace", SYS_ptrace, { 3 }, EPERM, EPERM },
	{ "bpf", SYS_bpf, { 0 }, EPERM, EPERM },
	{ "io_uring_setup", IO_URING_SETUP, { 0 }, EPERM, EPERM },
	{ "mount", SYS_mount, { 0 }, EPERM, EPERM },
	{ "init_module, by the prelude", SYS_init_module, { 0 }, EPERM, EPERM },
	{ "clone3", CLONE3, { 0 }, ENOSYS, ENOSYS },
	{ "a user namespace", SYS_unshare, { CLONE_NEWUSER }, EPERM, EPERM },
	{ "unshare without flags", SYS_unshare, { 0 }, 0, 0 },
	{ "a filter of its own", SYS_seccomp, { SECCOMP_SET_MODE_FILTER }, EPERM, EPERM },
	{ "the same by prctl", SYS_prctl, { PR_SET_SECCOMP, SECCOMP_MODE_FILTER }, EPERM, EPERM },
	{ "AF_UNIX", SYS_socket, { AF_UNIX, SOCK_STREAM }, 0, 0 },
	{ "AF_INET", SYS_socket, { AF_INET, SOCK_STREAM }, EPERM, 0 },
	{ "AF_INET, upper half soiled", SYS_socket, { AF_INET | 1UL << 32, SOCK_STREAM }, EPERM, 0 },
	{ "AF_PACKET", SYS_socket, { AF_PACKET, SOCK_RAW }, EPERM, EPERM },
	{ "reading a file", SYS_openat, { AT_FDCWD, (unsigned long)"/dev/null", O_RDONLY }, 0, 0 },
	{ "writing a file, by Landlock", SYS_openat,
	  { AT_FDCWD, (unsigned long)"/dev/null", O_WRONLY }, EACCES, EACCES },
};
#define COUNT (sizeof behaviours / sizeof *behaviours)

static int holds(size_t i, int want)
{
	const unsigned long *a = behaviours[i].args;
	long answer = syscall(behaviours[i].nr, a[0], a[1], a[2], 0UL, 0UL, 0UL);
	int got = answer < 0 ? errno : 0;

	if (got != want)
		printf("FAIL %s: errno %d, want %d\n", behaviours[i].what, got, want);
	return got == want;
}

int main(int argc, char **argv)
{
	int block = argc == 2 && strcmp(argv[1], "block") == 0, seen = 0, failed = 0;
	pthread_t other;
	int err;

	if (!block && (argc != 2 || strcmp(argv[1], "proxy") != 0)) {
		fprintf(stderr, "usage: modes block|proxy\n");
		return 2;
	}
	pthread_barrier_init(&confined, NULL, 2);
	if (pthread_create(&other, NULL, mount_later, &seen))
		return 2;
	err = sandbox(block ? OPENSHELL_BLOCK : OPENSHELL_PROXY);
	if (err) {
		fprintf(stderr, "not confined: %d, %s\n", err, strerror(errno));
		return 2;
	}
	pthread_barrier_wait(&confined);
	pthread_join(other, NULL);
	if (!seen) {
		printf("FAIL the prelude does not hold for the other thread\n");
		failed++;
	}
	for (size_t i = 0; i < COUNT; i++)
		failed += !holds(i, block ? behaviours[i].block : behaviours[i].proxy);
	printf("%s: %d behaviours, %d failed\n", argv[1], (int)COUNT, failed);
	return failed != 0;
}
