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

#ifndef __cplusplus
extern long syscall(long number, ...); /* unistd.h leaves it out of the strict modes of C */
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
	SECCOMPC_E_FILLED = -9,       /* the filter was filled before */
	SECCOMPC_E_OTHER_FILTER = -10, /* the list of relocations is another filter's */
	SECCOMPC_E_VALUES = -11,      /* more or fewer late values, or one out of its range */
};

/* A late value: 64 bits, one of a signed type extended by its sign, as by a cast to uint64_t. */
struct seccompc_value {
	int is_signed;
	uint64_t min, max;
};

/* Where a late value goes: the instruction and the value count from 0. */
struct seccompc_place {
	uint16_t instruction, value, high; /* high: bits 32 to 63 of the value, or else 0 to 31 */
};

/* Where a filter waits for late values, as "seccompc --relocations" lists it. */
struct seccompc_relocations {
	uint8_t sha256[32]; /* of the filter that waits, as it lies in memory */
	const struct seccompc_value *values;
	size_t value_count;
	const struct seccompc_place *places; /* in the order of the instructions */
	size_t place_count;
};

/* seccompc_sha256 is SHA-256 (FIPS 180-4, section 6.2). */
static inline void seccompc_sha256(const uint8_t *data, size_t len, uint8_t out[32])
{
#define SECCOMPC_ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))
	static const uint32_t k[64] = {
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
		0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
		0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
		0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
		0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
	};
	uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	size_t total = ((len + 8) / 64 + 1) * 64;

	for (size_t block = 0; block < total; block += 64) {
		uint32_t w[64], s[8];

		for (int t = 0; t < 16; t++) {
			w[t] = 0;
			for (size_t i = block + 4 * t; i < block + 4 * t + 4; i++) {
				uint8_t byte = i < len ? data[i] : i == len ? 0x80 : 0;

				if (i >= total - 8)
					byte = (uint8_t)((uint64_t)len * 8 >> 8 * (total - 1 - i));
				w[t] = w[t] << 8 | byte;
			}
		}
		for (int t = 16; t < 64; t++) {
			uint32_t x = w[t - 15], y = w[t - 2];

			w[t] = w[t - 16] + (SECCOMPC_ROR(x, 7) ^ SECCOMPC_ROR(x, 18) ^ x >> 3) +
			       w[t - 7] + (SECCOMPC_ROR(y, 17) ^ SECCOMPC_ROR(y, 19) ^ y >> 10);
		}
		for (int i = 0; i < 8; i++)
			s[i] = h[i];
		for (int t = 0; t < 64; t++) {
			uint32_t a = s[0], e = s[4], one, two;

			one = s[7] + (SECCOMPC_ROR(e, 6) ^ SECCOMPC_ROR(e, 11) ^ SECCOMPC_ROR(e, 25)) +
			      ((e & s[5]) ^ (~e & s[6])) + k[t] + w[t];
			two = (SECCOMPC_ROR(a, 2) ^ SECCOMPC_ROR(a, 13) ^ SECCOMPC_ROR(a, 22)) +
			      ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
			for (int i = 7; i > 0; i--)
				s[i] = s[i - 1];
			s[4] += one;
			s[0] = one + two;
		}
		for (int i = 0; i < 8; i++)
			h[i] += s[i];
	}
	for (int i = 0; i < 32; i++)
		out[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
#undef SECCOMPC_ROR
}

static inline int seccompc_allows(const struct seccompc_value *v, uint64_t value)
{
	if (v->is_signed)
		return (int64_t)v->min <= (int64_t)value && (int64_t)value <= (int64_t)v->max;
	return v->min <= value && value <= v->max;
}

/* seccompc_is_listed reports whether the filter is the list's and waits for its values. */
static inline int seccompc_is_listed(const struct sock_filter *filter, size_t len, size_t waiting,
				     const struct seccompc_relocations *list)
{
	uint8_t sum[32], differ = 0;

	if (waiting != list->place_count)
		return 0;
	for (size_t i = 0; i < list->place_count; i++) {
		const struct seccompc_place *p = &list->places[i];

		if (p->instruction >= len || p->value >= list->value_count || p->high > 1 ||
		    (i > 0 && p->instruction <= p[-1].instruction) ||
		    filter[p->instruction].code != SECCOMPC_WAITING ||
		    filter[p->instruction].k != 2U * p->value + p->high)
			return 0;
	}
	seccompc_sha256((const uint8_t *)filter, len * sizeof *filter, sum);
	for (int i = 0; i < 32; i++)
		differ |= sum[i] ^ list->sha256[i];
	return !differ;
}

/* seccompc_fill puts late values into a filter that waits for them, once: the list knows the filter
 * that waits, bit for bit. The filter is left as it was where there is an error. */
static inline int seccompc_fill(struct sock_filter *filter, size_t len,
				const struct seccompc_relocations *list, const uint64_t *values,
				size_t count)
{
	size_t waiting = 0;

	if (count != list->value_count)
		return SECCOMPC_E_VALUES;
	for (size_t i = 0; i < count; i++)
		if (!seccompc_allows(&list->values[i], values[i]))
			return SECCOMPC_E_VALUES;
	if (len == 0 || len > BPF_MAXINSNS)
		return SECCOMPC_E_LENGTH;
	for (size_t i = 0; i < len; i++)
		waiting += filter[i].code == SECCOMPC_WAITING;
	if (waiting == 0 && list->place_count > 0)
		return SECCOMPC_E_FILLED;
	if (!seccompc_is_listed(filter, len, waiting, list))
		return SECCOMPC_E_OTHER_FILTER;
	for (size_t i = 0; i < list->place_count; i++) {
		const struct seccompc_place *p = &list->places[i];

		filter[p->instruction].code = BPF_JMP | BPF_JEQ | BPF_K;
		filter[p->instruction].k = (uint32_t)(values[p->value] >> (p->high ? 32 : 0));
	}
	return 0;
}

/* seccompc_filled copies a filter that waits, fills the copy and returns its length, or an error. */
static inline int seccompc_filled(struct sock_filter *copy, const struct sock_filter *filter,
				  size_t len, const struct seccompc_relocations *list,
				  const uint64_t *values, size_t count)
{
	int err;

	for (size_t i = 0; i < len; i++)
		copy[i] = filter[i];
	err = seccompc_fill(copy, len, list, values, count);
	return err ? err : (int)len;
}

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
