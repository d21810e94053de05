// SPDX-License-Identifier: Apache-2.0
// Written by seccompc (devel) from openshell.scp, SHA-256 24df31358d9e546c0b377e9bcef40863f18a45dae5728485ba1e119798efab4c. Do not edit.

use seccompc::Instruction;

#[rustfmt::skip]
#[cfg(not(any(all(target_arch = "x86_64", target_pointer_width = "64"), target_arch = "aarch64")))]
compile_error!("the policy is for x86_64, aarch64");

/// The configurations of the policy.
#[allow(dead_code, clippy::enum_variant_names)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenshellConfiguration {
    /// `allow_inet=false`.
    Block,
    /// `allow_inet=true`.
    Proxy,
}

/// Returns the filter of a configuration, for the machine that this is compiled for.
#[allow(dead_code, clippy::missing_const_for_fn)] // statics in const fn: Rust 1.83
#[must_use]
#[rustfmt::skip]
pub fn openshell(configuration: OpenshellConfiguration) -> &'static [Instruction] {
    match configuration {
        OpenshellConfiguration::Block => &OPENSHELL_BLOCK,
        OpenshellConfiguration::Proxy => &OPENSHELL_PROXY,
    }
}

const fn op(code: u16, jt: u8, jf: u8, k: u32) -> Instruction {
    Instruction { code, jt, jf, k }
}

#[rustfmt::skip]
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
static OPENSHELL_BLOCK: [Instruction; 72] = [
    op(0x20, 0, 0, 0x0000_0004), // 000: ld   arch
    op(0x15, 0, 69, 0xc000_003e), // 001: jeq  #0xc000003e, 2, 71 ; x86_64 or x32
    op(0x20, 0, 0, 0x0000_0000), // 002: ld   nr
    op(0x35, 0, 13, 0x0000_0151), // 003: jge  #337, 4, 17
    op(0x35, 0, 11, 0x0000_01a8), // 004: jge  #424, 5, 16 ; pidfd_send_signal
    op(0x35, 0, 63, 0x0000_01b3), // 005: jge  #435, 6, 69 ; clone3
    op(0x35, 0, 2, 0x0000_01d8), // 006: jge  #472, 7, 9
    op(0x35, 0, 8, 0x4000_0000), // 007: jge  #0x40000000, 8, 16 ; x32
    op(0x35, 7, 62, 0xffff_ffff), // 008: jge  #0xffffffff, 16, 71
    op(0x35, 4, 0, 0x0000_01bf), // 009: jge  #447, 14, 10 ; memfd_secret
    op(0x35, 0, 5, 0x0000_01b4), // 010: jge  #436, 11, 16 ; close_range
    op(0x15, 57, 0, 0x0000_01b6), // 011: jeq  #438, 69, 12 ; pidfd_getfd
    op(0x15, 56, 0, 0x0000_01b8), // 012: jeq  #440, 69, 13 ; process_madvise
    op(0x15, 55, 56, 0x0000_01ba), // 013: jeq  #442, 69, 70 ; mount_setattr
    op(0x35, 0, 54, 0x0000_01c1), // 014: jge  #449, 15, 69 ; futex_waitv
    op(0x15, 53, 54, 0x0000_01d3), // 015: jeq  #467, 69, 70 ; open_tree_attr
    op(0x06, 0, 0, 0x0005_0026), // 016: ret  errno(38) ; ENOSYS
    op(0x35, 22, 0, 0x0000_009d), // 017: jge  #157, 40, 18 ; prctl
    op(0x15, 0, 13, 0x0000_0029), // 018: jeq  #41, 19, 32 ; socket
    op(0x20, 0, 0, 0x0000_0010), // 019: ld   [16] ; arg0.lo, family of socket
    op(0x35, 3, 0, 0x0000_0011), // 020: jge  #17, 24, 21
    op(0x35, 29, 0, 0x0000_0010), // 021: jge  #16, 51, 22
    op(0x15, 46, 0, 0x0000_0002), // 022: jeq  #2, 69, 23 ; family == AF_INET
    op(0x15, 45, 46, 0x0000_000a), // 023: jeq  #10, 69, 70 ; family == AF_INET6
    op(0x35, 4, 0, 0x0000_0022), // 024: jge  #34, 29, 25
    op(0x35, 2, 0, 0x0000_001f), // 025: jge  #31, 28, 26
    op(0x35, 0, 42, 0x0000_0012), // 026: jge  #18, 27, 69
    op(0x15, 41, 42, 0x0000_0015), // 027: jeq  #21, 69, 70 ; family == AF_RDS
    op(0x15, 41, 40, 0x0000_0020), // 028: jeq  #32, 70, 69 ; family == AF_IUCV
    op(0x35, 1, 0, 0x0000_002b), // 029: jge  #43, 31, 30
    op(0x15, 38, 39, 0x0000_0028), // 030: jeq  #40, 69, 70 ; family == AF_VSOCK
    op(0x35, 38, 37, 0x0000_002d), // 031: jge  #45, 70, 69
    op(0x15, 0, 4, 0x0000_0010), // 032: jeq  #16, 33, 37 ; ioctl
    op(0x20, 0, 0, 0x0000_0018), // 033: ld   [24] ; arg1.lo, cmd of ioctl
    op(0x15, 34, 0, 0x0000_5412), // 034: jeq  #0x5412, 69, 35 ; cmd == TIOCSTI
    op(0x15, 33, 0, 0x0000_541c), // 035: jeq  #0x541c, 69, 36 ; cmd == TIOCLINUX
    op(0x15, 32, 33, 0x0000_aa00), // 036: jeq  #0xaa00, 69, 70 ; cmd == 0xaa00
    op(0x15, 9, 0, 0x0000_0038), // 037: jeq  #56, 47, 38 ; clone
    op(0x15, 30, 0, 0x0000_0065), // 038: jeq  #101, 69, 39 ; ptrace
    op(0x15, 29, 30, 0x0000_009b), // 039: jeq  #155, 69, 70 ; pivot_root
    op(0x35, 17, 0, 0x0000_0134), // 040: jge  #308, 58, 41 ; setns
    op(0x35, 0, 11, 0x0000_00a7), // 041: jge  #167, 42, 53 ; swapon
    op(0x15, 6, 0, 0x0000_0100), // 042: jeq  #256, 49, 43 ; migrate_pages
    op(0x15, 3, 0, 0x0000_0110), // 043: jeq  #272, 47, 44 ; unshare
    op(0x15, 4, 0, 0x0000_0112), // 044: jeq  #274, 49, 45 ; get_robust_list
    op(0x15, 3, 0, 0x0000_0117), // 045: jeq  #279, 49, 46 ; move_pages
    op(0x15, 22, 23, 0x0000_012a), // 046: jeq  #298, 69, 70 ; perf_event_open
    op(0x20, 0, 0, 0x0000_0010), // 047: ld   [16] ; arg0.lo, clone_flags of clone, unshare_flags of unshare
    op(0x45, 20, 21, 0x1000_0000), // 048: jset #0x10000000, 69, 70 ; flags & CLONE_NEWUSER
    op(0x20, 0, 0, 0x0000_0010), // 049: ld   [16] ; arg0.lo
    op(0x35, 18, 19, 0x0000_0001), // 050: jge  #1, 69, 70
    op(0x20, 0, 0, 0x0000_0020), // 051: ld   [32] ; arg2.lo, protocol of socket
    op(0x35, 16, 17, 0x0000_0001), // 052: jge  #1, 69, 70
    op(0x35, 2, 0, 0x0000_009e), // 053: jge  #158, 56, 54 ; arch_prctl
    op(0x20, 0, 0, 0x0000_0010), // 054: ld   [16] ; arg0.lo
    op(0x15, 13, 14, 0x0000_0016), // 055: jeq  #22, 69, 70
    op(0x35, 12, 0, 0x0000_00a5), // 056: jge  #165, 69, 57 ; mount
    op(0x15, 11, 12, 0x0000_00a1), // 057: jeq  #161, 69, 70 ; chroot
    op(0x35, 5, 0, 0x0000_013e), // 058: jge  #318, 64, 59 ; getrandom
    op(0x35, 1, 0, 0x0000_0139), // 059: jge  #313, 61, 60 ; finit_module
    op(0x15, 9, 8, 0x0000_0135), // 060: jeq  #309, 70, 69 ; getcpu
    op(0x35, 0, 8, 0x0000_013d), // 061: jge  #317, 62, 70 ; seccomp
    op(0x20, 0, 0, 0x0000_0010), // 062: ld   [16] ; arg0.lo
    op(0x15, 5, 6, 0x0000_0001), // 063: jeq  #1, 69, 70
    op(0x35, 5, 0, 0x0000_0144), // 064: jge  #324, 70, 65 ; membarrier
    op(0x45, 3, 0, 0x0000_0001), // 065: jset #1, 69, 66
    op(0x15, 0, 3, 0x0000_0142), // 066: jeq  #322, 67, 70 ; execveat
    op(0x20, 0, 0, 0x0000_0030), // 067: ld   [48] ; arg4.lo, flags of execveat
    op(0x45, 0, 1, 0x0000_1000), // 068: jset #0x1000, 69, 70 ; flags & AT_EMPTY_PATH
    op(0x06, 0, 0, 0x0005_0001), // 069: ret  errno(1) ; EPERM
    op(0x06, 0, 0, 0x7fff_0000), // 070: ret  allow
    op(0x06, 0, 0, 0x8000_0000), // 071: ret  kill_process
];

#[rustfmt::skip]
#[cfg(target_arch = "aarch64")]
static OPENSHELL_BLOCK: [Instruction; 70] = [
    op(0x20, 0, 0, 0x0000_0004), // 000: ld   arch
    op(0x15, 0, 67, 0xc000_00b7), // 001: jeq  #0xc00000b7, 2, 69 ; aarch64
    op(0x20, 0, 0, 0x0000_0000), // 002: ld   nr
    op(0x35, 0, 10, 0x0000_0127), // 003: jge  #295, 4, 14
    op(0x35, 0, 50, 0x0000_01a8), // 004: jge  #424, 5, 55 ; pidfd_send_signal
    op(0x35, 0, 61, 0x0000_01b3), // 005: jge  #435, 6, 67 ; clone3
    op(0x35, 48, 0, 0x0000_01d8), // 006: jge  #472, 55, 7
    op(0x35, 4, 0, 0x0000_01bf), // 007: jge  #447, 12, 8 ; memfd_secret
    op(0x35, 0, 46, 0x0000_01b4), // 008: jge  #436, 9, 55 ; close_range
    op(0x15, 57, 0, 0x0000_01b6), // 009: jeq  #438, 67, 10 ; pidfd_getfd
    op(0x15, 56, 0, 0x0000_01b8), // 010: jeq  #440, 67, 11 ; process_madvise
    op(0x15, 55, 56, 0x0000_01ba), // 011: jeq  #442, 67, 68 ; mount_setattr
    op(0x35, 0, 54, 0x0000_01c1), // 012: jge  #449, 13, 67 ; futex_waitv
    op(0x15, 53, 54, 0x0000_01d3), // 013: jeq  #467, 67, 68 ; open_tree_attr
    op(0x35, 28, 0, 0x0000_00c7), // 014: jge  #199, 43, 15 ; socketpair
    op(0x35, 0, 13, 0x0000_00c6), // 015: jge  #198, 16, 29 ; socket
    op(0x20, 0, 0, 0x0000_0010), // 016: ld   [16] ; arg0.lo
    op(0x35, 3, 0, 0x0000_0011), // 017: jge  #17, 21, 18
    op(0x35, 30, 0, 0x0000_0010), // 018: jge  #16, 49, 19
    op(0x15, 47, 0, 0x0000_0002), // 019: jeq  #2, 67, 20
    op(0x15, 46, 47, 0x0000_000a), // 020: jeq  #10, 67, 68
    op(0x35, 4, 0, 0x0000_0022), // 021: jge  #34, 26, 22
    op(0x35, 2, 0, 0x0000_001f), // 022: jge  #31, 25, 23
    op(0x35, 0, 43, 0x0000_0012), // 023: jge  #18, 24, 67
    op(0x15, 42, 43, 0x0000_0015), // 024: jeq  #21, 67, 68
    op(0x15, 42, 41, 0x0000_0020), // 025: jeq  #32, 68, 67
    op(0x35, 1, 0, 0x0000_002b), // 026: jge  #43, 28, 27
    op(0x15, 39, 40, 0x0000_0028), // 027: jeq  #40, 67, 68
    op(0x35, 39, 38, 0x0000_002d), // 028: jge  #45, 68, 67
    op(0x35, 6, 0, 0x0000_002a), // 029: jge  #42, 36, 30 ; nfsservctl
    op(0x35, 36, 0, 0x0000_0027), // 030: jge  #39, 67, 31 ; umount2
    op(0x15, 0, 36, 0x0000_001d), // 031: jeq  #29, 32, 68 ; ioctl
    op(0x20, 0, 0, 0x0000_0018), // 032: ld   [24] ; arg1.lo, cmd of ioctl
    op(0x15, 33, 0, 0x0000_5412), // 033: jeq  #0x5412, 67, 34 ; cmd == TIOCSTI
    op(0x15, 32, 0, 0x0000_541c), // 034: jeq  #0x541c, 67, 35 ; cmd == TIOCLINUX
    op(0x15, 31, 32, 0x0000_aa00), // 035: jeq  #0xaa00, 67, 68 ; cmd == 0xaa00
    op(0x15, 16, 0, 0x0000_0061), // 036: jeq  #97, 53, 37 ; unshare
    op(0x15, 9, 0, 0x0000_0064), // 037: jeq  #100, 47, 38 ; get_robust_list
    op(0x15, 0, 2, 0x0000_00a7), // 038: jeq  #167, 39, 41 ; prctl
    op(0x20, 0, 0, 0x0000_0010), // 039: ld   [16] ; arg0.lo, option of prctl
    op(0x15, 26, 27, 0x0000_0016), // 040: jeq  #22, 67, 68 ; option == PR_SET_SECCOMP
    op(0x15, 25, 0, 0x0000_0033), // 041: jeq  #51, 67, 42 ; chroot
    op(0x15, 24, 25, 0x0000_0075), // 042: jeq  #117, 67, 68 ; ptrace
    op(0x35, 12, 0, 0x0000_0104), // 043: jge  #260, 56, 44 ; wait4
    op(0x35, 10, 0, 0x0000_00f4), // 044: jge  #244, 55, 45
    op(0x35, 0, 6, 0x0000_00ee), // 045: jge  #238, 46, 52 ; migrate_pages
    op(0x35, 4, 0, 0x0000_00f0), // 046: jge  #240, 51, 47 ; rt_tgsigqueueinfo
    op(0x20, 0, 0, 0x0000_0010), // 047: ld   [16] ; arg0.lo
    op(0x35, 18, 19, 0x0000_0001), // 048: jge  #1, 67, 68
    op(0x20, 0, 0, 0x0000_0020), // 049: ld   [32] ; arg2.lo
    op(0x35, 16, 17, 0x0000_0001), // 050: jge  #1, 67, 68
    op(0x15, 15, 16, 0x0000_00f1), // 051: jeq  #241, 67, 68 ; perf_event_open
    op(0x15, 0, 15, 0x0000_00dc), // 052: jeq  #220, 53, 68 ; clone
    op(0x20, 0, 0, 0x0000_0010), // 053: ld   [16] ; arg0.lo, clone_flags of clone, unshare_flags of unshare
    op(0x45, 12, 13, 0x1000_0000), // 054: jset #0x10000000, 67, 68 ; flags & CLONE_NEWUSER
    op(0x06, 0, 0, 0x0005_0026), // 055: ret  errno(38) ; ENOSYS
    op(0x35, 6, 0, 0x0000_0117), // 056: jge  #279, 63, 57 ; memfd_create
    op(0x35, 2, 0, 0x0000_0111), // 057: jge  #273, 60, 58 ; finit_module
    op(0x35, 0, 9, 0x0000_010c), // 058: jge  #268, 59, 68 ; setns
    op(0x15, 8, 7, 0x0000_010d), // 059: jeq  #269, 68, 67 ; sendmmsg
    op(0x15, 0, 7, 0x0000_0115), // 060: jeq  #277, 61, 68 ; seccomp
    op(0x20, 0, 0, 0x0000_0010), // 061: ld   [16] ; arg0.lo, op of seccomp
    op(0x15, 4, 5, 0x0000_0001), // 062: jeq  #1, 67, 68 ; op == SECCOMP_SET_MODE_FILTER
    op(0x35, 4, 0, 0x0000_011b), // 063: jge  #283, 68, 64 ; membarrier
    op(0x15, 0, 2, 0x0000_0119), // 064: jeq  #281, 65, 67 ; execveat
    op(0x20, 0, 0, 0x0000_0030), // 065: ld   [48] ; arg4.lo, flags of execveat
    op(0x45, 0, 1, 0x0000_1000), // 066: jset #0x1000, 67, 68 ; flags & AT_EMPTY_PATH
    op(0x06, 0, 0, 0x0005_0001), // 067: ret  errno(1) ; EPERM
    op(0x06, 0, 0, 0x7fff_0000), // 068: ret  allow
    op(0x06, 0, 0, 0x8000_0000), // 069: ret  kill_process
];

#[rustfmt::skip]
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
static OPENSHELL_PROXY: [Instruction; 70] = [
    op(0x20, 0, 0, 0x0000_0004), // 000: ld   arch
    op(0x15, 0, 67, 0xc000_003e), // 001: jeq  #0xc000003e, 2, 69 ; x86_64 or x32
    op(0x20, 0, 0, 0x0000_0000), // 002: ld   nr
    op(0x35, 0, 13, 0x0000_0151), // 003: jge  #337, 4, 17
    op(0x35, 0, 11, 0x0000_01a8), // 004: jge  #424, 5, 16 ; pidfd_send_signal
    op(0x35, 0, 61, 0x0000_01b3), // 005: jge  #435, 6, 67 ; clone3
    op(0x35, 0, 2, 0x0000_01d8), // 006: jge  #472, 7, 9
    op(0x35, 0, 8, 0x4000_0000), // 007: jge  #0x40000000, 8, 16 ; x32
    op(0x35, 7, 60, 0xffff_ffff), // 008: jge  #0xffffffff, 16, 69
    op(0x35, 4, 0, 0x0000_01bf), // 009: jge  #447, 14, 10 ; memfd_secret
    op(0x35, 0, 5, 0x0000_01b4), // 010: jge  #436, 11, 16 ; close_range
    op(0x15, 55, 0, 0x0000_01b6), // 011: jeq  #438, 67, 12 ; pidfd_getfd
    op(0x15, 54, 0, 0x0000_01b8), // 012: jeq  #440, 67, 13 ; process_madvise
    op(0x15, 53, 54, 0x0000_01ba), // 013: jeq  #442, 67, 68 ; mount_setattr
    op(0x35, 0, 52, 0x0000_01c1), // 014: jge  #449, 15, 67 ; futex_waitv
    op(0x15, 51, 52, 0x0000_01d3), // 015: jeq  #467, 67, 68 ; open_tree_attr
    op(0x06, 0, 0, 0x0005_0026), // 016: ret  errno(38) ; ENOSYS
    op(0x35, 20, 0, 0x0000_009d), // 017: jge  #157, 38, 18 ; prctl
    op(0x15, 0, 11, 0x0000_0029), // 018: jeq  #41, 19, 30 ; socket
    op(0x20, 0, 0, 0x0000_0010), // 019: ld   [16] ; arg0.lo, family of socket
    op(0x35, 6, 0, 0x0000_001f), // 020: jge  #31, 27, 21
    op(0x15, 2, 0, 0x0000_0002), // 021: jeq  #2, 24, 22 ; family == AF_INET
    op(0x15, 26, 0, 0x0000_0010), // 022: jeq  #16, 49, 23 ; family == AF_NETLINK
    op(0x15, 43, 44, 0x0000_0011), // 023: jeq  #17, 67, 68 ; family == AF_PACKET
    op(0x20, 0, 0, 0x0000_0018), // 024: ld   [24] ; arg1.lo, type of socket
    op(0x54, 0, 0, 0x0000_000f), // 025: and  #15
    op(0x15, 40, 41, 0x0000_000a), // 026: jeq  #10, 67, 68 ; type & 0xf == SOCK_PACKET
    op(0x35, 1, 0, 0x0000_0029), // 027: jge  #41, 29, 28
    op(0x45, 38, 39, 0x0000_0008), // 028: jset #8, 67, 68 ; family & 8
    op(0x15, 37, 38, 0x0000_002c), // 029: jeq  #44, 67, 68 ; family == AF_XDP
    op(0x15, 0, 4, 0x0000_0010), // 030: jeq  #16, 31, 35 ; ioctl
    op(0x20, 0, 0, 0x0000_0018), // 031: ld   [24] ; arg1.lo, cmd of ioctl
    op(0x15, 34, 0, 0x0000_5412), // 032: jeq  #0x5412, 67, 33 ; cmd == TIOCSTI
    op(0x15, 33, 0, 0x0000_541c), // 033: jeq  #0x541c, 67, 34 ; cmd == TIOCLINUX
    op(0x15, 32, 33, 0x0000_aa00), // 034: jeq  #0xaa00, 67, 68 ; cmd == 0xaa00
    op(0x15, 9, 0, 0x0000_0038), // 035: jeq  #56, 45, 36 ; clone
    op(0x15, 30, 0, 0x0000_0065), // 036: jeq  #101, 67, 37 ; ptrace
    op(0x15, 29, 30, 0x0000_009b), // 037: jeq  #155, 67, 68 ; pivot_root
    op(0x35, 17, 0, 0x0000_0134), // 038: jge  #308, 56, 39 ; setns
    op(0x35, 0, 11, 0x0000_00a7), // 039: jge  #167, 40, 51 ; swapon
    op(0x15, 6, 0, 0x0000_0100), // 040: jeq  #256, 47, 41 ; migrate_pages
    op(0x15, 3, 0, 0x0000_0110), // 041: jeq  #272, 45, 42 ; unshare
    op(0x15, 4, 0, 0x0000_0112), // 042: jeq  #274, 47, 43 ; get_robust_list
    op(0x15, 3, 0, 0x0000_0117), // 043: jeq  #279, 47, 44 ; move_pages
    op(0x15, 22, 23, 0x0000_012a), // 044: jeq  #298, 67, 68 ; perf_event_open
    op(0x20, 0, 0, 0x0000_0010), // 045: ld   [16] ; arg0.lo, clone_flags of clone, unshare_flags of unshare
    op(0x45, 20, 21, 0x1000_0000), // 046: jset #0x10000000, 67, 68 ; flags & CLONE_NEWUSER
    op(0x20, 0, 0, 0x0000_0010), // 047: ld   [16] ; arg0.lo
    op(0x35, 18, 19, 0x0000_0001), // 048: jge  #1, 67, 68
    op(0x20, 0, 0, 0x0000_0020), // 049: ld   [32] ; arg2.lo, protocol of socket
    op(0x35, 16, 17, 0x0000_0001), // 050: jge  #1, 67, 68
    op(0x35, 2, 0, 0x0000_009e), // 051: jge  #158, 54, 52 ; arch_prctl
    op(0x20, 0, 0, 0x0000_0010), // 052: ld   [16] ; arg0.lo
    op(0x15, 13, 14, 0x0000_0016), // 053: jeq  #22, 67, 68
    op(0x35, 12, 0, 0x0000_00a5), // 054: jge  #165, 67, 55 ; mount
    op(0x15, 11, 12, 0x0000_00a1), // 055: jeq  #161, 67, 68 ; chroot
    op(0x35, 5, 0, 0x0000_013e), // 056: jge  #318, 62, 57 ; getrandom
    op(0x35, 1, 0, 0x0000_0139), // 057: jge  #313, 59, 58 ; finit_module
    op(0x15, 9, 8, 0x0000_0135), // 058: jeq  #309, 68, 67 ; getcpu
    op(0x35, 0, 8, 0x0000_013d), // 059: jge  #317, 60, 68 ; seccomp
    op(0x20, 0, 0, 0x0000_0010), // 060: ld   [16] ; arg0.lo
    op(0x15, 5, 6, 0x0000_0001), // 061: jeq  #1, 67, 68
    op(0x35, 5, 0, 0x0000_0144), // 062: jge  #324, 68, 63 ; membarrier
    op(0x45, 3, 0, 0x0000_0001), // 063: jset #1, 67, 64
    op(0x15, 0, 3, 0x0000_0142), // 064: jeq  #322, 65, 68 ; execveat
    op(0x20, 0, 0, 0x0000_0030), // 065: ld   [48] ; arg4.lo, flags of execveat
    op(0x45, 0, 1, 0x0000_1000), // 066: jset #0x1000, 67, 68 ; flags & AT_EMPTY_PATH
    op(0x06, 0, 0, 0x0005_0001), // 067: ret  errno(1) ; EPERM
    op(0x06, 0, 0, 0x7fff_0000), // 068: ret  allow
    op(0x06, 0, 0, 0x8000_0000), // 069: ret  kill_process
];

#[rustfmt::skip]
#[cfg(target_arch = "aarch64")]
static OPENSHELL_PROXY: [Instruction; 68] = [
    op(0x20, 0, 0, 0x0000_0004), // 000: ld   arch
    op(0x15, 0, 65, 0xc000_00b7), // 001: jeq  #0xc00000b7, 2, 67 ; aarch64
    op(0x20, 0, 0, 0x0000_0000), // 002: ld   nr
    op(0x35, 0, 10, 0x0000_0127), // 003: jge  #295, 4, 14
    op(0x35, 0, 48, 0x0000_01a8), // 004: jge  #424, 5, 53 ; pidfd_send_signal
    op(0x35, 0, 59, 0x0000_01b3), // 005: jge  #435, 6, 65 ; clone3
    op(0x35, 46, 0, 0x0000_01d8), // 006: jge  #472, 53, 7
    op(0x35, 4, 0, 0x0000_01bf), // 007: jge  #447, 12, 8 ; memfd_secret
    op(0x35, 0, 44, 0x0000_01b4), // 008: jge  #436, 9, 53 ; close_range
    op(0x15, 55, 0, 0x0000_01b6), // 009: jeq  #438, 65, 10 ; pidfd_getfd
    op(0x15, 54, 0, 0x0000_01b8), // 010: jeq  #440, 65, 11 ; process_madvise
    op(0x15, 53, 54, 0x0000_01ba), // 011: jeq  #442, 65, 66 ; mount_setattr
    op(0x35, 0, 52, 0x0000_01c1), // 012: jge  #449, 13, 65 ; futex_waitv
    op(0x15, 51, 52, 0x0000_01d3), // 013: jeq  #467, 65, 66 ; open_tree_attr
    op(0x35, 26, 0, 0x0000_00c7), // 014: jge  #199, 41, 15 ; socketpair
    op(0x35, 0, 11, 0x0000_00c6), // 015: jge  #198, 16, 27 ; socket
    op(0x20, 0, 0, 0x0000_0010), // 016: ld   [16] ; arg0.lo
    op(0x35, 6, 0, 0x0000_001f), // 017: jge  #31, 24, 18
    op(0x15, 2, 0, 0x0000_0002), // 018: jeq  #2, 21, 19
    op(0x15, 27, 0, 0x0000_0010), // 019: jeq  #16, 47, 20
    op(0x15, 44, 45, 0x0000_0011), // 020: jeq  #17, 65, 66
    op(0x20, 0, 0, 0x0000_0018), // 021: ld   [24] ; arg1.lo
    op(0x54, 0, 0, 0x0000_000f), // 022: and  #15
    op(0x15, 41, 42, 0x0000_000a), // 023: jeq  #10, 65, 66
    op(0x35, 1, 0, 0x0000_0029), // 024: jge  #41, 26, 25
    op(0x45, 39, 40, 0x0000_0008), // 025: jset #8, 65, 66
    op(0x15, 38, 39, 0x0000_002c), // 026: jeq  #44, 65, 66
    op(0x35, 6, 0, 0x0000_002a), // 027: jge  #42, 34, 28 ; nfsservctl
    op(0x35, 36, 0, 0x0000_0027), // 028: jge  #39, 65, 29 ; umount2
    op(0x15, 0, 36, 0x0000_001d), // 029: jeq  #29, 30, 66 ; ioctl
    op(0x20, 0, 0, 0x0000_0018), // 030: ld   [24] ; arg1.lo, cmd of ioctl
    op(0x15, 33, 0, 0x0000_5412), // 031: jeq  #0x5412, 65, 32 ; cmd == TIOCSTI
    op(0x15, 32, 0, 0x0000_541c), // 032: jeq  #0x541c, 65, 33 ; cmd == TIOCLINUX
    op(0x15, 31, 32, 0x0000_aa00), // 033: jeq  #0xaa00, 65, 66 ; cmd == 0xaa00
    op(0x15, 16, 0, 0x0000_0061), // 034: jeq  #97, 51, 35 ; unshare
    op(0x15, 9, 0, 0x0000_0064), // 035: jeq  #100, 45, 36 ; get_robust_list
    op(0x15, 0, 2, 0x0000_00a7), // 036: jeq  #167, 37, 39 ; prctl
    op(0x20, 0, 0, 0x0000_0010), // 037: ld   [16] ; arg0.lo, option of prctl
    op(0x15, 26, 27, 0x0000_0016), // 038: jeq  #22, 65, 66 ; option == PR_SET_SECCOMP
    op(0x15, 25, 0, 0x0000_0033), // 039: jeq  #51, 65, 40 ; chroot
    op(0x15, 24, 25, 0x0000_0075), // 040: jeq  #117, 65, 66 ; ptrace
    op(0x35, 12, 0, 0x0000_0104), // 041: jge  #260, 54, 42 ; wait4
    op(0x35, 10, 0, 0x0000_00f4), // 042: jge  #244, 53, 43
    op(0x35, 0, 6, 0x0000_00ee), // 043: jge  #238, 44, 50 ; migrate_pages
    op(0x35, 4, 0, 0x0000_00f0), // 044: jge  #240, 49, 45 ; rt_tgsigqueueinfo
    op(0x20, 0, 0, 0x0000_0010), // 045: ld   [16] ; arg0.lo
    op(0x35, 18, 19, 0x0000_0001), // 046: jge  #1, 65, 66
    op(0x20, 0, 0, 0x0000_0020), // 047: ld   [32] ; arg2.lo
    op(0x35, 16, 17, 0x0000_0001), // 048: jge  #1, 65, 66
    op(0x15, 15, 16, 0x0000_00f1), // 049: jeq  #241, 65, 66 ; perf_event_open
    op(0x15, 0, 15, 0x0000_00dc), // 050: jeq  #220, 51, 66 ; clone
    op(0x20, 0, 0, 0x0000_0010), // 051: ld   [16] ; arg0.lo, clone_flags of clone, unshare_flags of unshare
    op(0x45, 12, 13, 0x1000_0000), // 052: jset #0x10000000, 65, 66 ; flags & CLONE_NEWUSER
    op(0x06, 0, 0, 0x0005_0026), // 053: ret  errno(38) ; ENOSYS
    op(0x35, 6, 0, 0x0000_0117), // 054: jge  #279, 61, 55 ; memfd_create
    op(0x35, 2, 0, 0x0000_0111), // 055: jge  #273, 58, 56 ; finit_module
    op(0x35, 0, 9, 0x0000_010c), // 056: jge  #268, 57, 66 ; setns
    op(0x15, 8, 7, 0x0000_010d), // 057: jeq  #269, 66, 65 ; sendmmsg
    op(0x15, 0, 7, 0x0000_0115), // 058: jeq  #277, 59, 66 ; seccomp
    op(0x20, 0, 0, 0x0000_0010), // 059: ld   [16] ; arg0.lo, op of seccomp
    op(0x15, 4, 5, 0x0000_0001), // 060: jeq  #1, 65, 66 ; op == SECCOMP_SET_MODE_FILTER
    op(0x35, 4, 0, 0x0000_011b), // 061: jge  #283, 66, 62 ; membarrier
    op(0x15, 0, 2, 0x0000_0119), // 062: jeq  #281, 63, 65 ; execveat
    op(0x20, 0, 0, 0x0000_0030), // 063: ld   [48] ; arg4.lo, flags of execveat
    op(0x45, 0, 1, 0x0000_1000), // 064: jset #0x1000, 65, 66 ; flags & AT_EMPTY_PATH
    op(0x06, 0, 0, 0x0005_0001), // 065: ret  errno(1) ; EPERM
    op(0x06, 0, 0, 0x7fff_0000), // 066: ret  allow
    op(0x06, 0, 0, 0x8000_0000), // 067: ret  kill_process
];
