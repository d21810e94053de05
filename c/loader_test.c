/* SPDX-License-Identifier: Apache-2.0
 *
 * Installs filters on the running kernel through seccompc.h, each in a child of its own.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "filters/child.h"
#include "seccompc.h"

#define LEN(a) (sizeof(a) / sizeof *(a))
#ifdef SYS_mkdir
#define MKDIR SYS_mkdir
#else
#define MKDIR SYS_mkdirat
#endif

/* A filter for an arch that gives two calls an answer and allows the others. */
#define TWO_CALLS(arch, a, b, answer)                                              \
	{                                                                          \
		{ 0x20, 0, 0, 4 }, { 0x15, 0, 5, arch }, { 0x20, 0, 0, 0 },        \
		{ 0x15, 2, 0, a }, { 0x15, 1, 0, b }, { 6, 0, 0, SECCOMP_RET_ALLOW }, \
		{ 6, 0, 0, answer }, { 6, 0, 0, 0x80000000 }                       \
	}

static const struct sock_filter no_mkdir[] =
	TWO_CALLS(SECCOMPC_ARCH, MKDIR, SYS_mkdirat, SECCOMP_RET_ERRNO | ENOTBLK);

/* The directory cannot be made, whatever a filter says. */
static int refused(void)
{
	return mkdir("/proc/none/none", 0) == -1 && errno == ENOTBLK;
}

static int thread(void)
{
	return seccompc_confined() == SECCOMPC_E_NOT_CONFINED && !refused() &&
	       seccompc_install(no_mkdir, LEN(no_mkdir), SECCOMPC_THREAD) == 0 &&
	       seccompc_confined() == 0 && refused();
}

static pthread_barrier_t installed;

static void *wait_and_try(void *seen)
{
	pthread_barrier_wait(&installed);
	*(int *)seen = refused();
	return NULL;
}

static int process(void)
{
	pthread_t other;
	int seen = 0, err;

	pthread_barrier_init(&installed, NULL, 2);
	if (pthread_create(&other, NULL, wait_and_try, &seen))
		return 0;
	err = seccompc_install(no_mkdir, LEN(no_mkdir), SECCOMPC_PROCESS);
	pthread_barrier_wait(&installed);
	pthread_join(other, NULL);
	return err == 0 && seen;
}

static void *confine_alone(void *err)
{
	*(int *)err = seccompc_install(no_mkdir, LEN(no_mkdir), SECCOMPC_THREAD);
	pthread_barrier_wait(&installed);
	pthread_barrier_wait(&installed);
	return NULL;
}

static int diverged(void)
{
	pthread_t other;
	int theirs = 1, ours, listener;

	pthread_barrier_init(&installed, NULL, 2);
	if (pthread_create(&other, NULL, confine_alone, &theirs))
		return 0;
	pthread_barrier_wait(&installed);
	ours = seccompc_install(no_mkdir, LEN(no_mkdir), SECCOMPC_PROCESS);
	listener = seccompc_install_listener(no_mkdir, LEN(no_mkdir), SECCOMPC_PROCESS);
	return theirs == 0 && ours == SECCOMPC_E_DIVERGED && listener == SECCOMPC_E_DIVERGED &&
	       seccompc_confined() == SECCOMPC_E_NOT_CONFINED;
}

static int feigned(unsigned int nr)
{
	const struct sock_filter feign[] = TWO_CALLS(SECCOMPC_ARCH, nr, nr, SECCOMP_RET_ERRNO);

	if (seccompc_install(feign, LEN(feign), SECCOMPC_THREAD) != 0)
		return 0;
	return seccompc_install(no_mkdir, LEN(no_mkdir), SECCOMPC_THREAD) == SECCOMPC_E_FEIGNED &&
	       seccompc_install(no_mkdir, LEN(no_mkdir), SECCOMPC_PROCESS) == SECCOMPC_E_FEIGNED &&
	       seccompc_install_listener(no_mkdir, LEN(no_mkdir), SECCOMPC_THREAD) ==
		       SECCOMPC_E_FEIGNED &&
	       !refused();
}

static int feigned_seccomp(void) { return feigned(SYS_seccomp); }
static int feigned_prctl(void) { return feigned(SYS_prctl); }

static int no_filters(void)
{
	const struct sock_filter foreign[] = TWO_CALLS(SECCOMPC_ARCH ^ 1, MKDIR, MKDIR, 0);
	struct sock_filter broken[LEN(no_mkdir)], waiting[LEN(no_mkdir)];

	for (size_t i = 0; i < LEN(no_mkdir); i++)
		broken[i] = waiting[i] = no_mkdir[i];
	broken[5].code = 0xffff;
	waiting[3].code = SECCOMPC_WAITING;
	return seccompc_install(no_mkdir, 0, SECCOMPC_THREAD) == SECCOMPC_E_LENGTH &&
	       seccompc_install(no_mkdir, 4097, SECCOMPC_THREAD) == SECCOMPC_E_LENGTH &&
	       seccompc_install(foreign, LEN(foreign), SECCOMPC_THREAD) == SECCOMPC_E_OTHER_ABI &&
	       seccompc_install(no_mkdir + 5, 1, SECCOMPC_THREAD) == SECCOMPC_E_OTHER_ABI &&
	       seccompc_install(waiting, LEN(waiting), SECCOMPC_THREAD) == SECCOMPC_E_UNFILLED &&
	       seccompc_install(broken, LEN(broken), SECCOMPC_THREAD) == SECCOMPC_E_REFUSED &&
	       errno == EINVAL && seccompc_confined() == SECCOMPC_E_NOT_CONFINED;
}

static int listener(void)
{
	const struct sock_filter notify[] =
		TWO_CALLS(SECCOMPC_ARCH, MKDIR, SYS_mkdirat, SECCOMP_RET_USER_NOTIF);

	return seccompc_install_listener(notify, LEN(notify), SECCOMPC_PROCESS) > 2 &&
	       seccompc_install_listener(notify, LEN(notify), SECCOMPC_PROCESS) ==
		       SECCOMPC_E_REFUSED &&
	       errno == EBUSY;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Waits for the low half of an i32, and for both of a u64. */
static const struct sock_filter waiting[] = {
	{ 0x20, 0, 0, 16 }, { 0x115, 3, 0, 0 }, { 0x115, 2, 0, 3 }, { 0x115, 1, 0, 2 },
	{ 6, 0, 0, SECCOMP_RET_ALLOW }, { 6, 0, 0, SECCOMP_RET_ERRNO | EPERM },
};
static const struct seccompc_value values[] = {
	{ 1, (uint64_t)-5, INT32_MAX }, { 0, 0, UINT64_MAX },
};
static const struct seccompc_place places[] = { { 1, 0, 0 }, { 2, 1, 1 }, { 3, 1, 0 } };
static const struct seccompc_place turned[] = { { 1, 0, 0 }, { 2, 1, 0 }, { 3, 1, 1 } };
static const struct seccompc_place outside[] = { { 1, 0, 0 }, { 2, 1, 1 }, { 9, 1, 0 } };
static const struct seccompc_relocations list = {
	{
		0xa5, 0x08, 0x7a, 0xd1, 0x5b, 0xc9, 0x1b, 0x5e,
		0xbe, 0xc4, 0xef, 0xdf, 0x7b, 0x81, 0x42, 0xab,
		0x9f, 0x1d, 0x50, 0x4a, 0x2c, 0x3e, 0xb2, 0x1c,
		0x16, 0x83, 0x3b, 0xf6, 0x29, 0x0c, 0xd5, 0x51,
	},
	values, 2, places, 3,
};

static int fails(const struct seccompc_relocations *l, uint64_t a, uint64_t b, size_t n, int err)
{
	const uint64_t given[] = { a, b, 0 };
	struct sock_filter f[LEN(waiting)];

	memcpy(f, waiting, sizeof f);
	return seccompc_fill(f, LEN(f), l, given, n) == err && memcmp(f, waiting, sizeof f) == 0;
}

static int filled_once(void)
{
	const uint64_t given[] = { (uint64_t)(int32_t)-1, 0x123456789abcdef0 };
	struct seccompc_relocations other = list, fewer = list, swapped = list, beyond = list;
	struct sock_filter f[LEN(waiting)], edited[LEN(waiting)];

	other.sha256[0] ^= 1;
	fewer.place_count = 2;
	swapped.places = turned;
	beyond.places = outside;
	memcpy(f, waiting, sizeof f);
	memcpy(edited, waiting, sizeof f);
	edited[5].k = SECCOMP_RET_ALLOW;
	return fails(&list, 1, 2, 1, SECCOMPC_E_VALUES) && fails(&list, 1, 2, 3, SECCOMPC_E_VALUES) &&
	       fails(&list, (uint64_t)-6, 2, 2, SECCOMPC_E_VALUES) &&
	       fails(&list, 1U << 31, 2, 2, SECCOMPC_E_VALUES) &&
	       fails(&list, UINT32_MAX, 2, 2, SECCOMPC_E_VALUES) &&
	       fails(&other, 1, 2, 2, SECCOMPC_E_OTHER_FILTER) &&
	       fails(&fewer, 1, 2, 2, SECCOMPC_E_OTHER_FILTER) &&
	       fails(&swapped, 1, 2, 2, SECCOMPC_E_OTHER_FILTER) &&
	       fails(&beyond, 1, 2, 2, SECCOMPC_E_OTHER_FILTER) &&
	       seccompc_fill(edited, LEN(f), &list, given, 2) == SECCOMPC_E_OTHER_FILTER &&
	       seccompc_fill(f, LEN(f), &list, given, 2) == 0 && f[1].code == 0x15 &&
	       f[1].k == 0xffffffff && f[2].k == 0x12345678 && f[3].k == 0x9abcdef0 &&
	       seccompc_fill(f, LEN(f), &list, given, 2) == SECCOMPC_E_FILLED;
}
#endif

static int generated(void)
{
	struct sock_filter f[CHILD_LEN];
	int len = child_fill(f, getppid());

	return child_fill(f, 0) == SECCOMPC_E_VALUES && child_fill(f, -1) == SECCOMPC_E_VALUES &&
	       seccompc_install(child_waiting, LEN(child_waiting), SECCOMPC_THREAD) ==
		       SECCOMPC_E_UNFILLED &&
	       child_fill(f, getppid()) == len && len > 0 &&
	       seccompc_install(f, (size_t)len, SECCOMPC_THREAD) == 0 && kill(getpid(), 0) == 0 &&
	       kill(getppid(), 0) == -1 && errno == EPERM;
}

static const struct {
	const char *name;
	int (*holds)(void);
} tests[] = {
	{ "a thread is confined", thread },
	{ "all threads are confined", process },
	{ "a thread with filters of its own is an error", diverged },
	{ "a feigned seccomp is not believed", feigned_seccomp },
	{ "a feigned prctl is not believed", feigned_prctl },
	{ "what is no filter for this machine is refused", no_filters },
	{ "there is one listener", listener },
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	{ "late values are filled in once", filled_once },
#endif
	{ "a generated filter takes late values", generated },
};

int main(void)
{
	int failed = 0;

	for (size_t i = 0; i < LEN(tests); i++) {
		int status = -1;
		pid_t pid = fork();

		if (pid == 0)
			_exit(tests[i].holds() ? 0 : 1);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			status = -1;
		failed += status != 0;
		printf("%s %s\n", status ? "FAIL" : "ok  ", tests[i].name);
	}
	printf("%d passed, %d failed\n", (int)LEN(tests) - failed, failed);
	return failed != 0;
}
