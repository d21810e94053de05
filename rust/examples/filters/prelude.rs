// SPDX-License-Identifier: Apache-2.0
// Written by seccompc (devel) from supervisor.scp, SHA-256 ef056b01b5f97878c3e4d3b8457a60b4bd15fe7705c555d8213889abc2ca9353. Do not edit.

use seccompc::Instruction;

#[rustfmt::skip]
#[cfg(not(any(all(target_arch = "x86_64", target_pointer_width = "64"), target_arch = "aarch64")))]
compile_error!("the policy is for x86_64, aarch64");

/// Returns the filter for the machine that this is compiled for.
#[allow(dead_code, clippy::missing_const_for_fn)] // statics in const fn: Rust 1.83
#[must_use]
pub fn prelude() -> &'static [Instruction] {
    &PRELUDE
}

const fn op(code: u16, jt: u8, jf: u8, k: u32) -> Instruction {
    Instruction { code, jt, jf, k }
}

#[rustfmt::skip]
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
static PRELUDE: [Instruction; 33] = [
    op(0x20, 0, 0, 0x0000_0004), // 000: ld   arch
    op(0x15, 0, 30, 0xc000_003e), // 001: jeq  #0xc000003e, 2, 32 ; x86_64 or x32
    op(0x20, 0, 0, 0x0000_0000), // 002: ld   nr
    op(0x35, 0, 9, 0x0000_0151), // 003: jge  #337, 4, 13
    op(0x35, 0, 7, 0x0000_01a8), // 004: jge  #424, 5, 12 ; pidfd_send_signal
    op(0x35, 0, 2, 0x0000_01d8), // 005: jge  #472, 6, 8
    op(0x35, 0, 5, 0x4000_0000), // 006: jge  #0x40000000, 7, 12 ; x32
    op(0x35, 4, 24, 0xffff_ffff), // 007: jge  #0xffffffff, 12, 32
    op(0x35, 1, 0, 0x0000_01b2), // 008: jge  #434, 10, 9 ; pidfd_open
    op(0x35, 20, 21, 0x0000_01ac), // 009: jge  #428, 30, 31 ; open_tree
    op(0x15, 19, 0, 0x0000_01ba), // 010: jeq  #442, 30, 11 ; mount_setattr
    op(0x15, 18, 19, 0x0000_01d3), // 011: jeq  #467, 30, 31 ; open_tree_attr
    op(0x06, 0, 0, 0x0005_0026), // 012: ret  errno(38) ; ENOSYS
    op(0x35, 9, 0, 0x0000_00af), // 013: jge  #175, 23, 14 ; init_module
    op(0x35, 0, 4, 0x0000_00a5), // 014: jge  #165, 15, 19 ; mount
    op(0x35, 0, 14, 0x0000_00a7), // 015: jge  #167, 16, 30 ; swapon
    op(0x15, 0, 14, 0x0000_00a9), // 016: jeq  #169, 17, 31 ; reboot
    op(0x20, 0, 0, 0x0000_0020), // 017: ld   [32] ; arg2.lo, cmd of reboot
    op(0x15, 11, 12, 0x4558_4543), // 018: jeq  #0x45584543, 30, 31 ; cmd == LINUX_REBOOT_CMD_KEXEC
    op(0x15, 0, 2, 0x0000_0010), // 019: jeq  #16, 20, 22 ; ioctl
    op(0x20, 0, 0, 0x0000_0018), // 020: ld   [24] ; arg1.lo, cmd of ioctl
    op(0x15, 8, 9, 0x0000_aa00), // 021: jeq  #0xaa00, 30, 31 ; cmd == 0xaa00
    op(0x15, 7, 8, 0x0000_009b), // 022: jeq  #155, 30, 31 ; pivot_root
    op(0x35, 4, 0, 0x0000_0140), // 023: jge  #320, 28, 24 ; kexec_file_load
    op(0x35, 0, 5, 0x0000_00b1), // 024: jge  #177, 25, 30 ; get_kernel_syms
    op(0x15, 4, 0, 0x0000_00f6), // 025: jeq  #246, 30, 26 ; kexec_load
    op(0x15, 3, 0, 0x0000_012a), // 026: jeq  #298, 30, 27 ; perf_event_open
    op(0x15, 2, 3, 0x0000_0139), // 027: jeq  #313, 30, 31 ; finit_module
    op(0x35, 2, 0, 0x0000_0144), // 028: jge  #324, 31, 29 ; membarrier
    op(0x15, 1, 0, 0x0000_0142), // 029: jeq  #322, 31, 30 ; execveat
    op(0x06, 0, 0, 0x0005_0001), // 030: ret  errno(1) ; EPERM
    op(0x06, 0, 0, 0x7fff_0000), // 031: ret  allow
    op(0x06, 0, 0, 0x8000_0000), // 032: ret  kill_process
];

#[rustfmt::skip]
#[cfg(target_arch = "aarch64")]
static PRELUDE: [Instruction; 31] = [
    op(0x20, 0, 0, 0x0000_0004), // 000: ld   arch
    op(0x15, 0, 28, 0xc000_00b7), // 001: jeq  #0xc00000b7, 2, 30 ; aarch64
    op(0x20, 0, 0, 0x0000_0000), // 002: ld   nr
    op(0x35, 0, 6, 0x0000_0127), // 003: jge  #295, 4, 10
    op(0x35, 0, 11, 0x0000_01a8), // 004: jge  #424, 5, 16 ; pidfd_send_signal
    op(0x35, 10, 0, 0x0000_01d8), // 005: jge  #472, 16, 6
    op(0x35, 1, 0, 0x0000_01b2), // 006: jge  #434, 8, 7 ; pidfd_open
    op(0x35, 21, 20, 0x0000_01ac), // 007: jge  #428, 29, 28 ; open_tree
    op(0x15, 20, 0, 0x0000_01ba), // 008: jeq  #442, 29, 9 ; mount_setattr
    op(0x15, 19, 18, 0x0000_01d3), // 009: jeq  #467, 29, 28 ; open_tree_attr
    op(0x35, 0, 6, 0x0000_00f4), // 010: jge  #244, 11, 17
    op(0x35, 0, 4, 0x0000_0104), // 011: jge  #260, 12, 16 ; wait4
    op(0x35, 16, 0, 0x0000_0126), // 012: jge  #294, 29, 13 ; kexec_file_load
    op(0x15, 15, 0, 0x0000_0111), // 013: jeq  #273, 29, 14 ; finit_module
    op(0x15, 14, 0, 0x0000_0118), // 014: jeq  #280, 29, 15 ; bpf
    op(0x15, 13, 12, 0x0000_011a), // 015: jeq  #282, 29, 28 ; userfaultfd
    op(0x06, 0, 0, 0x0005_0026), // 016: ret  errno(38) ; ENOSYS
    op(0x35, 0, 6, 0x0000_002a), // 017: jge  #42, 18, 24 ; nfsservctl
    op(0x35, 0, 4, 0x0000_006b), // 018: jge  #107, 19, 23 ; timer_create
    op(0x15, 0, 2, 0x0000_008e), // 019: jeq  #142, 20, 22 ; reboot
    op(0x20, 0, 0, 0x0000_0020), // 020: ld   [32] ; arg2.lo, cmd of reboot
    op(0x15, 7, 6, 0x4558_4543), // 021: jeq  #0x45584543, 29, 28 ; cmd == LINUX_REBOOT_CMD_KEXEC
    op(0x15, 6, 5, 0x0000_00f1), // 022: jeq  #241, 29, 28 ; perf_event_open
    op(0x35, 5, 4, 0x0000_0068), // 023: jge  #104, 29, 28 ; kexec_load
    op(0x35, 4, 0, 0x0000_0027), // 024: jge  #39, 29, 25 ; umount2
    op(0x15, 0, 2, 0x0000_001d), // 025: jeq  #29, 26, 28 ; ioctl
    op(0x20, 0, 0, 0x0000_0018), // 026: ld   [24] ; arg1.lo, cmd of ioctl
    op(0x15, 1, 0, 0x0000_aa00), // 027: jeq  #0xaa00, 29, 28 ; cmd == 0xaa00
    op(0x06, 0, 0, 0x7fff_0000), // 028: ret  allow
    op(0x06, 0, 0, 0x0005_0001), // 029: ret  errno(1) ; EPERM
    op(0x06, 0, 0, 0x8000_0000), // 030: ret  kill_process
];
