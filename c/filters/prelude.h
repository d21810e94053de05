/* SPDX-License-Identifier: Apache-2.0 */
/* Written by seccompc (devel) from supervisor.scp, SHA-256 ef056b01b5f97878c3e4d3b8457a60b4bd15fe7705c555d8213889abc2ca9353. Do not edit. */
#ifndef SECCOMPC_PRELUDE_H
#define SECCOMPC_PRELUDE_H

#include <linux/filter.h>
#include <stddef.h>

#if (defined(__x86_64__) && !defined(__ILP32__))
static const struct sock_filter prelude[] = {
	{ 0x20, 0, 0, 0x00000004 }, /* 000: ld   arch */
	{ 0x15, 0, 30, 0xc000003e }, /* 001: jeq  #0xc000003e, 2, 32 ; x86_64 or x32 */
	{ 0x20, 0, 0, 0x00000000 }, /* 002: ld   nr */
	{ 0x35, 0, 9, 0x00000151 }, /* 003: jge  #337, 4, 13 */
	{ 0x35, 0, 7, 0x000001a8 }, /* 004: jge  #424, 5, 12 ; pidfd_send_signal */
	{ 0x35, 0, 2, 0x000001d8 }, /* 005: jge  #472, 6, 8 */
	{ 0x35, 0, 5, 0x40000000 }, /* 006: jge  #0x40000000, 7, 12 ; x32 */
	{ 0x35, 4, 24, 0xffffffff }, /* 007: jge  #0xffffffff, 12, 32 */
	{ 0x35, 1, 0, 0x000001b2 }, /* 008: jge  #434, 10, 9 ; pidfd_open */
	{ 0x35, 20, 21, 0x000001ac }, /* 009: jge  #428, 30, 31 ; open_tree */
	{ 0x15, 19, 0, 0x000001ba }, /* 010: jeq  #442, 30, 11 ; mount_setattr */
	{ 0x15, 18, 19, 0x000001d3 }, /* 011: jeq  #467, 30, 31 ; open_tree_attr */
	{ 0x06, 0, 0, 0x00050026 }, /* 012: ret  errno(38) ; ENOSYS */
	{ 0x35, 9, 0, 0x000000af }, /* 013: jge  #175, 23, 14 ; init_module */
	{ 0x35, 0, 4, 0x000000a5 }, /* 014: jge  #165, 15, 19 ; mount */
	{ 0x35, 0, 14, 0x000000a7 }, /* 015: jge  #167, 16, 30 ; swapon */
	{ 0x15, 0, 14, 0x000000a9 }, /* 016: jeq  #169, 17, 31 ; reboot */
	{ 0x20, 0, 0, 0x00000020 }, /* 017: ld   [32] ; arg2.lo, cmd of reboot */
	{ 0x15, 11, 12, 0x45584543 }, /* 018: jeq  #0x45584543, 30, 31 ; cmd == LINUX_REBOOT_CMD_KEXEC */
	{ 0x15, 0, 2, 0x00000010 }, /* 019: jeq  #16, 20, 22 ; ioctl */
	{ 0x20, 0, 0, 0x00000018 }, /* 020: ld   [24] ; arg1.lo, cmd of ioctl */
	{ 0x15, 8, 9, 0x0000aa00 }, /* 021: jeq  #0xaa00, 30, 31 ; cmd == 0xaa00 */
	{ 0x15, 7, 8, 0x0000009b }, /* 022: jeq  #155, 30, 31 ; pivot_root */
	{ 0x35, 4, 0, 0x00000140 }, /* 023: jge  #320, 28, 24 ; kexec_file_load */
	{ 0x35, 0, 5, 0x000000b1 }, /* 024: jge  #177, 25, 30 ; get_kernel_syms */
	{ 0x15, 4, 0, 0x000000f6 }, /* 025: jeq  #246, 30, 26 ; kexec_load */
	{ 0x15, 3, 0, 0x0000012a }, /* 026: jeq  #298, 30, 27 ; perf_event_open */
	{ 0x15, 2, 3, 0x00000139 }, /* 027: jeq  #313, 30, 31 ; finit_module */
	{ 0x35, 2, 0, 0x00000144 }, /* 028: jge  #324, 31, 29 ; membarrier */
	{ 0x15, 1, 0, 0x00000142 }, /* 029: jeq  #322, 31, 30 ; execveat */
	{ 0x06, 0, 0, 0x00050001 }, /* 030: ret  errno(1) ; EPERM */
	{ 0x06, 0, 0, 0x7fff0000 }, /* 031: ret  allow */
	{ 0x06, 0, 0, 0x80000000 }, /* 032: ret  kill_process */
};
#elif defined(__aarch64__)
static const struct sock_filter prelude[] = {
	{ 0x20, 0, 0, 0x00000004 }, /* 000: ld   arch */
	{ 0x15, 0, 28, 0xc00000b7 }, /* 001: jeq  #0xc00000b7, 2, 30 ; aarch64 */
	{ 0x20, 0, 0, 0x00000000 }, /* 002: ld   nr */
	{ 0x35, 0, 6, 0x00000127 }, /* 003: jge  #295, 4, 10 */
	{ 0x35, 0, 11, 0x000001a8 }, /* 004: jge  #424, 5, 16 ; pidfd_send_signal */
	{ 0x35, 10, 0, 0x000001d8 }, /* 005: jge  #472, 16, 6 */
	{ 0x35, 1, 0, 0x000001b2 }, /* 006: jge  #434, 8, 7 ; pidfd_open */
	{ 0x35, 21, 20, 0x000001ac }, /* 007: jge  #428, 29, 28 ; open_tree */
	{ 0x15, 20, 0, 0x000001ba }, /* 008: jeq  #442, 29, 9 ; mount_setattr */
	{ 0x15, 19, 18, 0x000001d3 }, /* 009: jeq  #467, 29, 28 ; open_tree_attr */
	{ 0x35, 0, 6, 0x000000f4 }, /* 010: jge  #244, 11, 17 */
	{ 0x35, 0, 4, 0x00000104 }, /* 011: jge  #260, 12, 16 ; wait4 */
	{ 0x35, 16, 0, 0x00000126 }, /* 012: jge  #294, 29, 13 ; kexec_file_load */
	{ 0x15, 15, 0, 0x00000111 }, /* 013: jeq  #273, 29, 14 ; finit_module */
	{ 0x15, 14, 0, 0x00000118 }, /* 014: jeq  #280, 29, 15 ; bpf */
	{ 0x15, 13, 12, 0x0000011a }, /* 015: jeq  #282, 29, 28 ; userfaultfd */
	{ 0x06, 0, 0, 0x00050026 }, /* 016: ret  errno(38) ; ENOSYS */
	{ 0x35, 0, 6, 0x0000002a }, /* 017: jge  #42, 18, 24 ; nfsservctl */
	{ 0x35, 0, 4, 0x0000006b }, /* 018: jge  #107, 19, 23 ; timer_create */
	{ 0x15, 0, 2, 0x0000008e }, /* 019: jeq  #142, 20, 22 ; reboot */
	{ 0x20, 0, 0, 0x00000020 }, /* 020: ld   [32] ; arg2.lo, cmd of reboot */
	{ 0x15, 7, 6, 0x45584543 }, /* 021: jeq  #0x45584543, 29, 28 ; cmd == LINUX_REBOOT_CMD_KEXEC */
	{ 0x15, 6, 5, 0x000000f1 }, /* 022: jeq  #241, 29, 28 ; perf_event_open */
	{ 0x35, 5, 4, 0x00000068 }, /* 023: jge  #104, 29, 28 ; kexec_load */
	{ 0x35, 4, 0, 0x00000027 }, /* 024: jge  #39, 29, 25 ; umount2 */
	{ 0x15, 0, 2, 0x0000001d }, /* 025: jeq  #29, 26, 28 ; ioctl */
	{ 0x20, 0, 0, 0x00000018 }, /* 026: ld   [24] ; arg1.lo, cmd of ioctl */
	{ 0x15, 1, 0, 0x0000aa00 }, /* 027: jeq  #0xaa00, 29, 28 ; cmd == 0xaa00 */
	{ 0x06, 0, 0, 0x7fff0000 }, /* 028: ret  allow */
	{ 0x06, 0, 0, 0x00050001 }, /* 029: ret  errno(1) ; EPERM */
	{ 0x06, 0, 0, 0x80000000 }, /* 030: ret  kill_process */
};
#else
#error "the policy is for x86_64, aarch64"
#endif

#endif
