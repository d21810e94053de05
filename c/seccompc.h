/* SPDX-License-Identifier: Apache-2.0
 *
 * Installs seccomp filters that seccompc compiled, and fails closed. One header, no allocation, no
 * lock: all of it may run between fork and execve. "seccompc POLICY --format c" writes the filters.
 *
 * Every function returns 0 (a listener: a descriptor) for success and one of enum seccompc_error,
 * all negative, otherwise; errno then says more where the comment says so. After an error nothing
 * is installed, though no_new_privs may be set. A success is believed only where an older filter
 * could not have pretended it: each call is first made in a form that the kernel must refuse.
 */
#ifndef SECCOMPC_H
#define SECCOMPC_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) /* x32 too, which reports the same arch */
#define SECCOMPC_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define SECCOMPC_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define SECCOMPC_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define SECCOMPC_ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define SECCOMPC_ARCH AUDIT_ARCH_RISCV64
#elif defined(__loongarch__) && __loongarch_grlen == 64
#define SECCOMPC_ARCH 0xc0000102
#elif defined(__s390x__)
#define SECCOMPC_ARCH AUDIT_ARCH_S390X
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SECCOMPC_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define SECCOMPC_ARCH AUDIT_ARCH_PPC64
#else
#error "seccompc.h does not know this ABI"
#endif

/* What older headers lack (include/uapi/linux/seccomp.h). */
#define SECCOMPC_TSYNC 1UL
#define SECCOMPC_NEW_LISTENER (1UL << 3)
#define SECCOMPC_TSYNC_ESRCH (1UL << 4)
#define SECCOMPC_WAIT_KILLABLE_RECV (1UL << 5)

/* The operation of an instruction that waits for a late value. The kernel refuses it. */
#define SECCOMPC_WAITING 0x0115

enum seccompc_scope {
	SECCOMPC_THREAD,  /* the calling thread and what it starts; the scope after fork */
	SECCOMPC_PROCESS, /* all threads of the process */
};

enum seccompc_error {
	SECCOMPC_E_LENGTH = -1,       /* no instructions, or more than the kernel's 4096 */
	SECCOMPC_E_UNFILLED = -2,     /* the filter waits for late values */
	SECCOMPC_E_OTHER_ABI = -3,    /* no path of the filter is for this machine's ABI */
	SECCOMPC_E_NO_NEW_PRIVS = -4, /* not set; errno says why */
	SECCOMPC_E_REFUSED = -5,      /* by the kernel, or an older filter; errno says why */
	SECCOMPC_E_DIVERGED = -6,     /* another thread has filters that this one has not */
	SECCOMPC_E_FEIGNED = -7,      /* an older filter pretends success in the kernel's place */
	SECCOMPC_E_NOT_CONFINED = -8, /* no filter mode, or no no_new_privs */
};

/* seccompc_serves reports whether the filter compares arch with this machine's. */
static inline int seccompc_serves(const struct sock_filter *filter, size_t len)
{
	int loads = 0, compares = 0;

	for (size_t i = 0; i < len; i++) {
		loads |= filter[i].code == (BPF_LD | BPF_W | BPF_ABS) &&
			 filter[i].k == offsetof(struct seccomp_data, arch);
		compares |= BPF_CLASS(filter[i].code) == BPF_JMP && filter[i].k == SECCOMPC_ARCH;
	}
	return loads && compares;
}

static inline int seccompc_set_no_new_privs(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0)
		return SECCOMPC_E_NO_NEW_PRIVS;
	return prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 1 ? 0 : SECCOMPC_E_FEIGNED;
}

/* seccompc_confined asks the kernel about the calling thread. A filter may keep it from answering. */
static inline int seccompc_confined(void)
{
	int filtered = prctl(PR_GET_SECCOMP, 0UL, 0UL, 0UL, 0UL) == SECCOMP_MODE_FILTER;

	if (filtered && prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 1)
		return 0;
	return SECCOMPC_E_NOT_CONFINED;
}

static inline long seccompc_attach(const struct sock_filter *filter, size_t len, unsigned long flags)
{
	struct sock_fprog program = { (unsigned short)len, (struct sock_filter *)filter };

	return syscall(SYS_seccomp, (unsigned long)SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* seccompc_offer hands the filter to the kernel, after an empty one that it must refuse: an older
 * filter sees the same registers both times, so that its feigned success shows the first time. */
static inline long seccompc_offer(const struct sock_filter *filter, size_t len, unsigned long flags)
{
	long answer;

	if (seccompc_attach(filter, 0, flags) >= 0)
		return SECCOMPC_E_FEIGNED;
	answer = seccompc_attach(filter, len, flags);
	return answer < 0 ? (long)SECCOMPC_E_REFUSED : answer;
}

static inline int seccompc_prepare(const struct sock_filter *filter, size_t len)
{
	if (len == 0 || len > BPF_MAXINSNS)
		return SECCOMPC_E_LENGTH;
	for (size_t i = 0; i < len; i++)
		if (filter[i].code == SECCOMPC_WAITING)
			return SECCOMPC_E_UNFILLED;
	if (!seccompc_serves(filter, len))
		return SECCOMPC_E_OTHER_ABI;
	return seccompc_set_no_new_privs();
}

/* seccompc_install sets no_new_privs and installs the filter. */
static inline int seccompc_install(const struct sock_filter *filter, size_t len,
				   enum seccompc_scope scope)
{
	int err = seccompc_prepare(filter, len);
	long answer;

	if (err)
		return err;
	if (scope == SECCOMPC_THREAD)
		return (int)seccompc_offer(filter, len, 0);
	answer = seccompc_offer(filter, len, SECCOMPC_TSYNC | SECCOMPC_TSYNC_ESRCH);
	if (answer == SECCOMPC_E_REFUSED && errno == ESRCH)
		return SECCOMPC_E_DIVERGED;
	if (answer == SECCOMPC_E_REFUSED && errno == EINVAL) /* Linux before 5.7 */
		answer = seccompc_offer(filter, len, SECCOMPC_TSYNC);
	/* Without TSYNC_ESRCH the kernel answers with the thread in the way: a failure. */
	return answer > 0 ? SECCOMPC_E_DIVERGED : (int)answer;
}

/* seccompc_install_listener installs a filter that leaves calls to a supervisor, and returns the
 * close-on-exec descriptor on which they arrive. */
static inline int seccompc_install_listener(const struct sock_filter *filter, size_t len,
					    enum seccompc_scope scope)
{
	unsigned long flags = SECCOMPC_NEW_LISTENER;
	int err = seccompc_prepare(filter, len);
	long answer;

	if (err)
		return err;
	if (scope == SECCOMPC_PROCESS)
		flags |= SECCOMPC_TSYNC | SECCOMPC_TSYNC_ESRCH;
	answer = seccompc_offer(filter, len, flags | SECCOMPC_WAIT_KILLABLE_RECV);
	if (answer == SECCOMPC_E_REFUSED && errno == EINVAL) /* Linux before 5.19 */
		answer = seccompc_offer(filter, len, flags);
	if (answer == SECCOMPC_E_REFUSED && errno == ESRCH)
		return SECCOMPC_E_DIVERGED;
	return (int)answer;
}

#endif
