/* SPDX-License-Identifier: Apache-2.0 */
/* Written by seccompc (devel) from openshell.scp, SHA-256 24df31358d9e546c0b377e9bcef40863f18a45dae5728485ba1e119798efab4c. Do not edit. */
#ifndef SECCOMPC_OPENSHELL_H
#define SECCOMPC_OPENSHELL_H

#include <linux/filter.h>
#include <stddef.h>

#if (defined(__x86_64__) && !defined(__ILP32__))
static const struct sock_filter openshell_block[] = {
	{ 0x20, 0, 0, 0x00000004 }, /* 000: ld   arch */
	{ 0x15, 0, 69, 0xc000003e }, /* 001: jeq  #0xc000003e, 2, 71 ; x86_64 or x32 */
	{ 0x20, 0, 0, 0x00000000 }, /* 002: ld   nr */
	{ 0x35, 0, 13, 0x00000151 }, /* 003: jge  #337, 4, 17 */
	{ 0x35, 0, 11, 0x000001a8 }, /* 004: jge  #424, 5, 16 ; pidfd_send_signal */
	{ 0x35, 0, 63, 0x000001b3 }, /* 005: jge  #435, 6, 69 ; clone3 */
	{ 0x35, 0, 2, 0x000001d8 }, /* 006: jge  #472, 7, 9 */
	{ 0x35, 0, 8, 0x40000000 }, /* 007: jge  #0x40000000, 8, 16 ; x32 */
	{ 0x35, 7, 62, 0xffffffff }, /* 008: jge  #0xffffffff, 16, 71 */
	{ 0x35, 4, 0, 0x000001bf }, /* 009: jge  #447, 14, 10 ; memfd_secret */
	{ 0x35, 0, 5, 0x000001b4 }, /* 010: jge  #436, 11, 16 ; close_range */
	{ 0x15, 57, 0, 0x000001b6 }, /* 011: jeq  #438, 69, 12 ; pidfd_getfd */
	{ 0x15, 56, 0, 0x000001b8 }, /* 012: jeq  #440, 69, 13 ; process_madvise */
	{ 0x15, 55, 56, 0x000001ba }, /* 013: jeq  #442, 69, 70 ; mount_setattr */
	{ 0x35, 0, 54, 0x000001c1 }, /* 014: jge  #449, 15, 69 ; futex_waitv */
	{ 0x15, 53, 54, 0x000001d3 }, /* 015: jeq  #467, 69, 70 ; open_tree_attr */
	{ 0x06, 0, 0, 0x00050026 }, /* 016: ret  errno(38) ; ENOSYS */
	{ 0x35, 22, 0, 0x0000009d }, /* 017: jge  #157, 40, 18 ; prctl */
	{ 0x15, 0, 13, 0x00000029 }, /* 018: jeq  #41, 19, 32 ; socket */
	{ 0x20, 0, 0, 0x00000010 }, /* 019: ld   [16] ; arg0.lo, family of socket */
	{ 0x35, 3, 0, 0x00000011 }, /* 020: jge  #17, 24, 21 */
	{ 0x35, 29, 0, 0x00000010 }, /* 021: jge  #16, 51, 22 */
	{ 0x15, 46, 0, 0x00000002 }, /* 022: jeq  #2, 69, 23 ; family == AF_INET */
	{ 0x15, 45, 46, 0x0000000a }, /* 023: jeq  #10, 69, 70 ; family == AF_INET6 */
	{ 0x35, 4, 0, 0x00000022 }, /* 024: jge  #34, 29, 25 */
	{ 0x35, 2, 0, 0x0000001f }, /* 025: jge  #31, 28, 26 */
	{ 0x35, 0, 42, 0x00000012 }, /* 026: jge  #18, 27, 69 */
	{ 0x15, 41, 42, 0x00000015 }, /* 027: jeq  #21, 69, 70 ; family == AF_RDS */
	{ 0x15, 41, 40, 0x00000020 }, /* 028: jeq  #32, 70, 69 ; family == AF_IUCV */
	{ 0x35, 1, 0, 0x0000002b }, /* 029: jge  #43, 31, 30 */
	{ 0x15, 38, 39, 0x00000028 }, /* 030: jeq  #40, 69, 70 ; family == AF_VSOCK */
	{ 0x35, 38, 37, 0x0000002d }, /* 031: jge  #45, 70, 69 */
	{ 0x15, 0, 4, 0x00000010 }, /* 032: jeq  #16, 33, 37 ; ioctl */
	{ 0x20, 0, 0, 0x00000018 }, /* 033: ld   [24] ; arg1.lo, cmd of ioctl */
	{ 0x15, 34, 0, 0x00005412 }, /* 034: jeq  #0x5412, 69, 35 ; cmd == TIOCSTI */
	{ 0x15, 33, 0, 0x0000541c }, /* 035: jeq  #0x541c, 69, 36 ; cmd == TIOCLINUX */
	{ 0x15, 32, 33, 0x0000aa00 }, /* 036: jeq  #0xaa00, 69, 70 ; cmd == 0xaa00 */
	{ 0x15, 9, 0, 0x00000038 }, /* 037: jeq  #56, 47, 38 ; clone */
	{ 0x15, 30, 0, 0x00000065 }, /* 038: jeq  #101, 69, 39 ; ptrace */
	{ 0x15, 29, 30, 0x0000009b }, /* 039: jeq  #155, 69, 70 ; pivot_root */
	{ 0x35, 17, 0, 0x00000134 }, /* 040: jge  #308, 58, 41 ; setns */
	{ 0x35, 0, 11, 0x000000a7 }, /* 041: jge  #167, 42, 53 ; swapon */
	{ 0x15, 6, 0, 0x00000100 }, /* 042: jeq  #256, 49, 43 ; migrate_pages */
	{ 0x15, 3, 0, 0x00000110 }, /* 043: jeq  #272, 47, 44 ; unshare */
	{ 0x15, 4, 0, 0x00000112 }, /* 044: jeq  #274, 49, 45 ; get_robust_list */
	{ 0x15, 3, 0, 0x00000117 }, /* 045: jeq  #279, 49, 46 ; move_pages */
	{ 0x15, 22, 23, 0x0000012a }, /* 046: jeq  #298, 69, 70 ; perf_event_open */
	{ 0x20, 0, 0, 0x00000010 }, /* 047: ld   [16] ; arg0.lo, clone_flags of clone, unshare_flags of unshare */
	{ 0x45, 20, 21, 0x10000000 }, /* 048: jset #0x10000000, 69, 70 ; flags & CLONE_NEWUSER */
	{ 0x20, 0, 0, 0x00000010 }, /* 049: ld   [16] ; arg0.lo */
	{ 0x35, 18, 19, 0x00000001 }, /* 050: jge  #1, 69, 70 */
	{ 0x20, 0, 0, 0x00000020 }, /* 051: ld   [32] ; arg2.lo, protocol of socket */
	{ 0x35, 16, 17, 0x00000001 }, /* 052: jge  #1, 69, 70 */
	{ 0x35, 2, 0, 0x0000009e }, /* 053: jge  #158, 56, 54 ; arch_prctl */
	{ 0x20, 0, 0, 0x00000010 }, /* 054: ld   [16] ; arg0.lo */
	{ 0x15, 13, 14, 0x00000016 }, /* 055: jeq  #22, 69, 70 */
	{ 0x35, 12, 0, 0x000000a5 }, /* 056: jge  #165, 69, 57 ; mount */
	{ 0x15, 11, 12, 0x000000a1 }, /* 057: jeq  #161, 69, 70 ; chroot */
	{ 0x35, 5, 0, 0x0000013e }, /* 058: jge  #318, 64, 59 ; getrandom */
	{ 0x35, 1, 0, 0x00000139 }, /* 059: jge  #313, 61, 60 ; finit_module */
	{ 0x15, 9, 8, 0x00000135 }, /* 060: jeq  #309, 70, 69 ; getcpu */
	{ 0x35, 0, 8, 0x0000013d }, /* 061: jge  #317, 62, 70 ; seccomp */
	{ 0x20, 0, 0, 0x00000010 }, /* 062: ld   [16] ; arg0.lo */
	{ 0x15, 5, 6, 0x00000001 }, /* 063: jeq  #1, 69, 70 */
	{ 0x35, 5, 0, 0x00000144 }, /* 064: jge  #324, 70, 65 ; membarrier */
	{ 0x45, 3, 0, 0x00000001 }, /* 065: jset #1, 69, 66 */
	{ 0x15, 0, 3, 0x00000142 }, /* 066: jeq  #322, 67, 70 ; execveat */
	{ 0x20, 0, 0, 0x00000030 }, /* 067: ld   [48] ; arg4.lo, flags of execveat */
	{ 0x45, 0, 1, 0x00001000 }, /* 068: jset #0x1000, 69, 70 ; flags & AT_EMPTY_PATH */
	{ 0x06, 0, 0, 0x00050001 }, /* 069: ret  errno(1) ; EPERM */
	{ 0x06, 0, 0, 0x7fff0000 }, /* 070: ret  allow */
	{ 0x06, 0, 0, 0x80000000 }, /* 071: ret  kill_process */
};
static const struct sock_filter openshell_proxy[] = {
	{ 0x20, 0, 0, 0x00000004 }, /* 000: ld   arch */
	{ 0x15, 0, 67, 0xc000003e }, /* 001: jeq  #0xc000003e, 2, 69 ; x86_64 or x32 */
	{ 0x20, 0, 0, 0x00000000 }, /* 002: ld   nr */
	{ 0x35, 0, 13, 0x00000151 }, /* 003: jge  #337, 4, 17 */
	{ 0x35, 0, 11, 0x000001a8 }, /* 004: jge  #424, 5, 16 ; pidfd_send_signal */
	{ 0x35, 0, 61, 0x000001b3 }, /* 005: jge  #435, 6, 67 ; clone3 */
	{ 0x35, 0, 2, 0x000001d8 }, /* 006: jge  #472, 7, 9 */
	{ 0x35, 0, 8, 0x40000000 }, /* 007: jge  #0x40000000, 8, 16 ; x32 */
	{ 0x35, 7, 60, 0xffffffff }, /* 008: jge  #0xffffffff, 16, 69 */
	{ 0x35, 4, 0, 0x000001bf }, /* 009: jge  #447, 14, 10 ; memfd_secret */
	{ 0x35, 0, 5, 0x000001b4 }, /* 010: jge  #436, 11, 16 ; close_range */
	{ 0x15, 55, 0, 0x000001b6 }, /* 011: jeq  #438, 67, 12 ; pidfd_getfd */
	{ 0x15, 54, 0, 0x000001b8 }, /* 012: jeq  #440, 67, 13 ; process_madvise */
	{ 0x15, 53, 54, 0x000001ba }, /* 013: jeq  #442, 67, 68 ; mount_setattr */
	{ 0x35, 0, 52, 0x000001c1 }, /* 014: jge  #449, 15, 67 ; futex_waitv */
	{ 0x15, 51, 52, 0x000001d3 }, /* 015: jeq  #467, 67, 68 ; open_tree_attr */
	{ 0x06, 0, 0, 0x00050026 }, /* 016: ret  errno(38) ; ENOSYS */
	{ 0x35, 20, 0, 0x0000009d }, /* 017: jge  #157, 38, 18 ; prctl */
	{ 0x15, 0, 11, 0x00000029 }, /* 018: jeq  #41, 19, 30 ; socket */
	{ 0x20, 0, 0, 0x00000010 }, /* 019: ld   [16] ; arg0.lo, family of socket */
	{ 0x35, 6, 0, 0x0000001f }, /* 020: jge  #31, 27, 21 */
	{ 0x15, 2, 0, 0x00000002 }, /* 021: jeq  #2, 24, 22 ; family == AF_INET */
	{ 0x15, 26, 0, 0x00000010 }, /* 022: jeq  #16, 49, 23 ; family == AF_NETLINK */
	{ 0x15, 43, 44, 0x00000011 }, /* 023: jeq  #17, 67, 68 ; family == AF_PACKET */
	{ 0x20, 0, 0, 0x00000018 }, /* 024: ld   [24] ; arg1.lo, type of socket */
	{ 0x54, 0, 0, 0x0000000f }, /* 025: and  #15 */
	{ 0x15, 40, 41, 0x0000000a }, /* 026: jeq  #10, 67, 68 ; type & 0xf == SOCK_PACKET */
	{ 0x35, 1, 0, 0x00000029 }, /* 027: jge  #41, 29, 28 */
	{ 0x45, 38, 39, 0x00000008 }, /* 028: jset #8, 67, 68 ; family & 8 */
	{ 0x15, 37, 38, 0x0000002c }, /* 029: jeq  #44, 67, 68 ; family == AF_XDP */
	{ 0x15, 0, 4, 0x00000010 }, /* 030: jeq  #16, 31, 35 ; ioctl */
	{ 0x20, 0, 0, 0x00000018 }, /* 031: ld   [24] ; arg1.lo, cmd of ioctl */
	{ 0x15, 34, 0, 0x00005412 }, /* 032: jeq  #0x5412, 67, 33 ; cmd == TIOCSTI */
	{ 0x15, 33, 0, 0x0000541c }, /* 033: jeq  #0x541c, 67, 34 ; cmd == TIOCLINUX */
	{ 0x15, 32, 33, 0x0000aa00 }, /* 034: jeq  #0xaa00, 67, 68 ; cmd == 0xaa00 */
	{ 0x15, 9, 0, 0x00000038 }, /* 035: jeq  #56, 45, 36 ; clone */
	{ 0x15, 30, 0, 0x00000065 }, /* 036: jeq  #101, 67, 37 ; ptrace */
	{ 0x15, 29, 30, 0x0000009b }, /* 037: jeq  #155, 67, 68 ; pivot_root */
	{ 0x35, 17, 0, 0x00000134 }, /* 038: jge  #308, 56, 39 ; setns */
	{ 0x35, 0, 11, 0x000000a7 }, /* 039: jge  #167, 40, 51 ; swapon */
	{ 0x15, 6, 0, 0x00000100 }, /* 040: jeq  #256, 47, 41 ; migrate_pages */
	{ 0x15, 3, 0, 0x00000110 }, /* 041: jeq  #272, 45, 42 ; unshare */
	{ 0x15, 4, 0, 0x00000112 }, /* 042: jeq  #274, 47, 43 ; get_robust_list */
	{ 0x15, 3, 0, 0x00000117 }, /* 043: jeq  #279, 47, 44 ; move_pages */
	{ 0x15, 22, 23, 0x0000012a }, /* 044: jeq  #298, 67, 68 ; perf_event_open */
	{ 0x20, 0, 0, 0x00000010 }, /* 045: ld   [16] ; arg0.lo, clone_flags of clone, unshare_flags of unshare */
	{ 0x45, 20, 21, 0x10000000 }, /* 046: jset #0x10000000, 67, 68 ; flags & CLONE_NEWUSER */
	{ 0x20, 0, 0, 0x00000010 }, /* 047: ld   [16] ; arg0.lo */
	{ 0x35, 18, 19, 0x00000001 }, /* 048: jge  #1, 67, 68 */
	{ 0x20, 0, 0, 0x00000020 }, /* 049: ld   [32] ; arg2.lo, protocol of socket */
	{ 0x35, 16, 17, 0x00000001 }, /* 050: jge  #1, 67, 68 */
	{ 0x35, 2, 0, 0x0000009e }, /* 051: jge  #158, 54, 52 ; arch_prctl */
	{ 0x20, 0, 0, 0x00000010 }, /* 052: ld   [16] ; arg0.lo */
	{ 0x15, 13, 14, 0x00000016 }, /* 053: jeq  #22, 67, 68 */
	{ 0x35, 12, 0, 0x000000a5 }, /* 054: jge  #165, 67, 55 ; mount */
	{ 0x15, 11, 12, 0x000000a1 }, /* 055: jeq  #161, 67, 68 ; chroot */
	{ 0x35, 5, 0, 0x0000013e }, /* 056: jge  #318, 62, 57 ; getrandom */
	{ 0x35, 1, 0, 0x00000139 }, /* 057: jge  #313, 59, 58 ; finit_module */
	{ 0x15, 9, 8, 0x00000135 }, /* 058: jeq  #309, 68, 67 ; getcpu */
	{ 0x35, 0, 8, 0x0000013d }, /* 059: jge  #317, 60, 68 ; seccomp */
	{ 0x20, 0, 0, 0x00000010 }, /* 060: ld   [16] ; arg0.lo */
	{ 0x15, 5, 6, 0x00000001 }, /* 061: jeq  #1, 67, 68 */
	{ 0x35, 5, 0, 0x00000144 }, /* 062: jge  #324, 68, 63 ; membarrier */
	{ 0x45, 3, 0, 0x00000001 }, /* 063: jset #1, 67, 64 */
	{ 0x15, 0, 3, 0x00000142 }, /* 064: jeq  #322, 65, 68 ; execveat */
	{ 0x20, 0, 0, 0x00000030 }, /* 065: ld   [48] ; arg4.lo, flags of execveat */
	{ 0x45, 0, 1, 0x00001000 }, /* 066: jset #0x1000, 67, 68 ; flags & AT_EMPTY_PATH */
	{ 0x06, 0, 0, 0x00050001 }, /* 067: ret  errno(1) ; EPERM */
	{ 0x06, 0, 0, 0x7fff0000 }, /* 068: ret  allow */
	{ 0x06, 0, 0, 0x80000000 }, /* 069: ret  kill_process */
};
#elif defined(__aarch64__)
static const struct sock_filter openshell_block[] = {
	{ 0x20, 0, 0, 0x00000004 }, /* 000: ld   arch */
	{ 0x15, 0, 67, 0xc00000b7 }, /* 001: jeq  #0xc00000b7, 2, 69 ; aarch64 */
	{ 0x20, 0, 0, 0x00000000 }, /* 002: ld   nr */
	{ 0x35, 0, 10, 0x00000127 }, /* 003: jge  #295, 4, 14 */
	{ 0x35, 0, 50, 0x000001a8 }, /* 004: jge  #424, 5, 55 ; pidfd_send_signal */
	{ 0x35, 0, 61, 0x000001b3 }, /* 005: jge  #435, 6, 67 ; clone3 */
	{ 0x35, 48, 0, 0x000001d8 }, /* 006: jge  #472, 55, 7 */
	{ 0x35, 4, 0, 0x000001bf }, /* 007: jge  #447, 12, 8 ; memfd_secret */
	{ 0x35, 0, 46, 0x000001b4 }, /* 008: jge  #436, 9, 55 ; close_range */
	{ 0x15, 57, 0, 0x000001b6 }, /* 009: jeq  #438, 67, 10 ; pidfd_getfd */
	{ 0x15, 56, 0, 0x000001b8 }, /* 010: jeq  #440, 67, 11 ; process_madvise */
	{ 0x15, 55, 56, 0x000001ba }, /* 011: jeq  #442, 67, 68 ; mount_setattr */
	{ 0x35, 0, 54, 0x000001c1 }, /* 012: jge  #449, 13, 67 ; futex_waitv */
	{ 0x15, 53, 54, 0x000001d3 }, /* 013: jeq  #467, 67, 68 ; open_tree_attr */
	{ 0x35, 28, 0, 0x000000c7 }, /* 014: jge  #199, 43, 15 ; socketpair */
	{ 0x35, 0, 13, 0x000000c6 }, /* 015: jge  #198, 16, 29 ; socket */
	{ 0x20, 0, 0, 0x00000010 }, /* 016: ld   [16] ; arg0.lo */
	{ 0x35, 3, 0, 0x00000011 }, /* 017: jge  #17, 21, 18 */
	{ 0x35, 30, 0, 0x00000010 }, /* 018: jge  #16, 49, 19 */
	{ 0x15, 47, 0, 0x00000002 }, /* 019: jeq  #2, 67, 20 */
	{ 0x15, 46, 47, 0x0000000a }, /* 020: jeq  #10, 67, 68 */
	{ 0x35, 4, 0, 0x00000022 }, /* 021: jge  #34, 26, 22 */
	{ 0x35, 2, 0, 0x0000001f }, /* 022: jge  #31, 25, 23 */
	{ 0x35, 0, 43, 0x00000012 }, /* 023: jge  #18, 24, 67 */
	{ 0x15, 42, 43, 0x00000015 }, /* 024: jeq  #21, 67, 68 */
	{ 0x15, 42, 41, 0x00000020 }, /* 025: jeq  #32, 68, 67 */
	{ 0x35, 1, 0, 0x0000002b }, /* 026: jge  #43, 28, 27 */
	{ 0x15, 39, 40, 0x00000028 }, /* 027: jeq  #40, 67, 68 */
	{ 0x35, 39, 38, 0x0000002d }, /* 028: jge  #45, 68, 67 */
	{ 0x35, 6, 0, 0x0000002a }, /* 029: jge  #42, 36, 30 ; nfsservctl */
	{ 0x35, 36, 0, 0x00000027 }, /* 030: jge  #39, 67, 31 ; umount2 */
	{ 0x15, 0, 36, 0x0000001d }, /* 031: jeq  #29, 32, 68 ; ioctl */
	{ 0x20, 0, 0, 0x00000018 }, /* 032: ld   [24] ; arg1.lo, cmd of ioctl */
	{ 0x15, 33, 0, 0x00005412 }, /* 033: jeq  #0x5412, 67, 34 ; cmd == TIOCSTI */
	{ 0x15, 32, 0, 0x0000541c }, /* 034: jeq  #0x541c, 67, 35 ; cmd == TIOCLINUX */
	{ 0x15, 31, 32, 0x0000aa00 }, /* 035: jeq  #0xaa00, 67, 68 ; cmd == 0xaa00 */
	{ 0x15, 16, 0, 0x00000061 }, /* 036: jeq  #97, 53, 37 ; unshare */
	{ 0x15, 9, 0, 0x00000064 }, /* 037: jeq  #100, 47, 38 ; get_robust_list */
	{ 0x15, 0, 2, 0x000000a7 }, /* 038: jeq  #167, 39, 41 ; prctl */
	{ 0x20, 0, 0, 0x00000010 }, /* 039: ld   [16] ; arg0.lo, option of prctl */
	{ 0x15, 26, 27, 0x00000016 }, /* 040: jeq  #22, 67, 68 ; option == PR_SET_SECCOMP */
	{ 0x15, 25, 0, 0x00000033 }, /* 041: jeq  #51, 67, 42 ; chroot */
	{ 0x15, 24, 25, 0x00000075 }, /* 042: jeq  #117, 67, 68 ; ptrace */
	{ 0x35, 12, 0, 0x00000104 }, /* 043: jge  #260, 56, 44 ; wait4 */
	{ 0x35, 10, 0, 0x000000f4 }, /* 044: jge  #244, 55, 45 */
	{ 0x35, 0, 6, 0x000000ee }, /* 045: jge  #238, 46, 52 ; migrate_pages */
	{ 0x35, 4, 0, 0x000000f0 }, /* 046: jge  #240, 51, 47 ; rt_tgsigqueueinfo */
	{ 0x20, 0, 0, 0x00000010 }, /* 047: ld   [16] ; arg0.lo */
	{ 0x35, 18, 19, 0x00000001 }, /* 048: jge  #1, 67, 68 */
	{ 0x20, 0, 0, 0x00000020 }, /* 049: ld   [32] ; arg2.lo */
	{ 0x35, 16, 17, 0x00000001 }, /* 050: jge  #1, 67, 68 */
	{ 0x15, 15, 16, 0x000000f1 }, /* 051: jeq  #241, 67, 68 ; perf_event_open */
	{ 0x15, 0, 15, 0x000000dc }, /* 052: jeq  #220, 53, 68 ; clone */
	{ 0x20, 0, 0, 0x00000010 }, /* 053: ld   [16] ; arg0.lo, clone_flags of clone, unshare_flags of unshare */
	{ 0x45, 12, 13, 0x10000000 }, /* 054: jset #0x10000000, 67, 68 ; flags & CLONE_NEWUSER */
	{ 0x06, 0, 0, 0x00050026 }, /* 055: ret  errno(38) ; ENOSYS */
	{ 0x35, 6, 0, 0x00000117 }, /* 056: jge  #279, 63, 57 ; memfd_create */
	{ 0x35, 2, 0, 0x00000111 }, /* 057: jge  #273, 60, 58 ; finit_module */
	{ 0x35, 0, 9, 0x0000010c }, /* 058: jge  #268, 59, 68 ; setns */
	{ 0x15, 8, 7, 0x0000010d }, /* 059: jeq  #269, 68, 67 ; sendmmsg */
	{ 0x15, 0, 7, 0x00000115 }, /* 060: jeq  #277, 61, 68 ; seccomp */
	{ 0x20, 0, 0, 0x00000010 }, /* 061: ld   [16] ; arg0.lo, op of seccomp */
	{ 0x15, 4, 5, 0x00000001 }, /* 062: jeq  #1, 67, 68 ; op == SECCOMP_SET_MODE_FILTER */
	{ 0x35, 4, 0, 0x0000011b }, /* 063: jge  #283, 68, 64 ; membarrier */
	{ 0x15, 0, 2, 0x00000119 }, /* 064: jeq  #281, 65, 67 ; execveat */
	{ 0x20, 0, 0, 0x00000030 }, /* 065: ld   [48] ; arg4.lo, flags of execveat */
	{ 0x45, 0, 1, 0x00001000 }, /* 066: jset #0x1000, 67, 68 ; flags & AT_EMPTY_PATH */
	{ 0x06, 0, 0, 0x00050001 }, /* 067: ret  errno(1) ; EPERM */
	{ 0x06, 0, 0, 0x7fff0000 }, /* 068: ret  allow */
	{ 0x06, 0, 0, 0x80000000 }, /* 069: ret  kill_process */
};
static const struct sock_filter openshell_proxy[] = {
	{ 0x20, 0, 0, 0x00000004 }, /* 000: ld   arch */
	{ 0x15, 0, 65, 0xc00000b7 }, /* 001: jeq  #0xc00000b7, 2, 67 ; aarch64 */
	{ 0x20, 0, 0, 0x00000000 }, /* 002: ld   nr */
	{ 0x35, 0, 10, 0x00000127 }, /* 003: jge  #295, 4, 14 */
	{ 0x35, 0, 48, 0x000001a8 }, /* 004: jge  #424, 5, 53 ; pidfd_send_signal */
	{ 0x35, 0, 59, 0x000001b3 }, /* 005: jge  #435, 6, 65 ; clone3 */
	{ 0x35, 46, 0, 0x000001d8 }, /* 006: jge  #472, 53, 7 */
	{ 0x35, 4, 0, 0x000001bf }, /* 007: jge  #447, 12, 8 ; memfd_secret */
	{ 0x35, 0, 44, 0x000001b4 }, /* 008: jge  #436, 9, 53 ; close_range */
	{ 0x15, 55, 0, 0x000001b6 }, /* 009: jeq  #438, 65, 10 ; pidfd_getfd */
	{ 0x15, 54, 0, 0x000001b8 }, /* 010: jeq  #440, 65, 11 ; process_madvise */
	{ 0x15, 53, 54, 0x000001ba }, /* 011: jeq  #442, 65, 66 ; mount_setattr */
	{ 0x35, 0, 52, 0x000001c1 }, /* 012: jge  #449, 13, 65 ; futex_waitv */
	{ 0x15, 51, 52, 0x000001d3 }, /* 013: jeq  #467, 65, 66 ; open_tree_attr */
	{ 0x35, 26, 0, 0x000000c7 }, /* 014: jge  #199, 41, 15 ; socketpair */
	{ 0x35, 0, 11, 0x000000c6 }, /* 015: jge  #198, 16, 27 ; socket */
	{ 0x20, 0, 0, 0x00000010 }, /* 016: ld   [16] ; arg0.lo */
	{ 0x35, 6, 0, 0x0000001f }, /* 017: jge  #31, 24, 18 */
	{ 0x15, 2, 0, 0x00000002 }, /* 018: jeq  #2, 21, 19 */
	{ 0x15, 27, 0, 0x00000010 }, /* 019: jeq  #16, 47, 20 */
	{ 0x15, 44, 45, 0x00000011 }, /* 020: jeq  #17, 65, 66 */
	{ 0x20, 0, 0, 0x00000018 }, /* 021: ld   [24] ; arg1.lo */
	{ 0x54, 0, 0, 0x0000000f }, /* 022: and  #15 */
	{ 0x15, 41, 42, 0x0000000a }, /* 023: jeq  #10, 65, 66 */
	{ 0x35, 1, 0, 0x00000029 }, /* 024: jge  #41, 26, 25 */
	{ 0x45, 39, 40, 0x00000008 }, /* 025: jset #8, 65, 66 */
	{ 0x15, 38, 39, 0x0000002c }, /* 026: jeq  #44, 65, 66 */
	{ 0x35, 6, 0, 0x0000002a }, /* 027: jge  #42, 34, 28 ; nfsservctl */
	{ 0x35, 36, 0, 0x00000027 }, /* 028: jge  #39, 65, 29 ; umount2 */
	{ 0x15, 0, 36, 0x0000001d }, /* 029: jeq  #29, 30, 66 ; ioctl */
	{ 0x20, 0, 0, 0x00000018 }, /* 030: ld   [24] ; arg1.lo, cmd of ioctl */
	{ 0x15, 33, 0, 0x00005412 }, /* 031: jeq  #0x5412, 65, 32 ; cmd == TIOCSTI */
	{ 0x15, 32, 0, 0x0000541c }, /* 032: jeq  #0x541c, 65, 33 ; cmd == TIOCLINUX */
	{ 0x15, 31, 32, 0x0000aa00 }, /* 033: jeq  #0xaa00, 65, 66 ; cmd == 0xaa00 */
	{ 0x15, 16, 0, 0x00000061 }, /* 034: jeq  #97, 51, 35 ; unshare */
	{ 0x15, 9, 0, 0x00000064 }, /* 035: jeq  #100, 45, 36 ; get_robust_list */
	{ 0x15, 0, 2, 0x000000a7 }, /* 036: jeq  #167, 37, 39 ; prctl */
	{ 0x20, 0, 0, 0x00000010 }, /* 037: ld   [16] ; arg0.lo, option of prctl */
	{ 0x15, 26, 27, 0x00000016 }, /* 038: jeq  #22, 65, 66 ; option == PR_SET_SECCOMP */
	{ 0x15, 25, 0, 0x00000033 }, /* 039: jeq  #51, 65, 40 ; chroot */
	{ 0x15, 24, 25, 0x00000075 }, /* 040: jeq  #117, 65, 66 ; ptrace */
	{ 0x35, 12, 0, 0x00000104 }, /* 041: jge  #260, 54, 42 ; wait4 */
	{ 0x35, 10, 0, 0x000000f4 }, /* 042: jge  #244, 53, 43 */
	{ 0x35, 0, 6, 0x000000ee }, /* 043: jge  #238, 44, 50 ; migrate_pages */
	{ 0x35, 4, 0, 0x000000f0 }, /* 044: jge  #240, 49, 45 ; rt_tgsigqueueinfo */
	{ 0x20, 0, 0, 0x00000010 }, /* 045: ld   [16] ; arg0.lo */
	{ 0x35, 18, 19, 0x00000001 }, /* 046: jge  #1, 65, 66 */
	{ 0x20, 0, 0, 0x00000020 }, /* 047: ld   [32] ; arg2.lo */
	{ 0x35, 16, 17, 0x00000001 }, /* 048: jge  #1, 65, 66 */
	{ 0x15, 15, 16, 0x000000f1 }, /* 049: jeq  #241, 65, 66 ; perf_event_open */
	{ 0x15, 0, 15, 0x000000dc }, /* 050: jeq  #220, 51, 66 ; clone */
	{ 0x20, 0, 0, 0x00000010 }, /* 051: ld   [16] ; arg0.lo, clone_flags of clone, unshare_flags of unshare */
	{ 0x45, 12, 13, 0x10000000 }, /* 052: jset #0x10000000, 65, 66 ; flags & CLONE_NEWUSER */
	{ 0x06, 0, 0, 0x00050026 }, /* 053: ret  errno(38) ; ENOSYS */
	{ 0x35, 6, 0, 0x00000117 }, /* 054: jge  #279, 61, 55 ; memfd_create */
	{ 0x35, 2, 0, 0x00000111 }, /* 055: jge  #273, 58, 56 ; finit_module */
	{ 0x35, 0, 9, 0x0000010c }, /* 056: jge  #268, 57, 66 ; setns */
	{ 0x15, 8, 7, 0x0000010d }, /* 057: jeq  #269, 66, 65 ; sendmmsg */
	{ 0x15, 0, 7, 0x00000115 }, /* 058: jeq  #277, 59, 66 ; seccomp */
	{ 0x20, 0, 0, 0x00000010 }, /* 059: ld   [16] ; arg0.lo, op of seccomp */
	{ 0x15, 4, 5, 0x00000001 }, /* 060: jeq  #1, 65, 66 ; op == SECCOMP_SET_MODE_FILTER */
	{ 0x35, 4, 0, 0x0000011b }, /* 061: jge  #283, 66, 62 ; membarrier */
	{ 0x15, 0, 2, 0x00000119 }, /* 062: jeq  #281, 63, 65 ; execveat */
	{ 0x20, 0, 0, 0x00000030 }, /* 063: ld   [48] ; arg4.lo, flags of execveat */
	{ 0x45, 0, 1, 0x00001000 }, /* 064: jset #0x1000, 65, 66 ; flags & AT_EMPTY_PATH */
	{ 0x06, 0, 0, 0x00050001 }, /* 065: ret  errno(1) ; EPERM */
	{ 0x06, 0, 0, 0x7fff0000 }, /* 066: ret  allow */
	{ 0x06, 0, 0, 0x80000000 }, /* 067: ret  kill_process */
};
#else
#error "the policy is for x86_64, aarch64"
#endif

enum openshell_configuration {
	OPENSHELL_BLOCK, /* allow_inet=false */
	OPENSHELL_PROXY, /* allow_inet=true */
};

/* openshell_of returns the filter of a configuration and its length, or NULL. */
static inline const struct sock_filter *openshell_of(enum openshell_configuration configuration,
						 size_t *len)
{
	switch (configuration) {
	case OPENSHELL_BLOCK:
		*len = sizeof(openshell_block) / sizeof(openshell_block[0]);
		return openshell_block;
	case OPENSHELL_PROXY:
		*len = sizeof(openshell_proxy) / sizeof(openshell_proxy[0]);
		return openshell_proxy;
	}
	*len = 0;
	return NULL;
}

#endif
