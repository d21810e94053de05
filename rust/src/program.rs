// SPDX-License-Identifier: Apache-2.0

//! Filters as data: instructions, and what a filter answers to a call without arguments.

/// One instruction of classic BPF, laid out as `struct sock_filter` (`include/uapi/linux/filter.h`).
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// The operation.
    pub code: u16,
    /// How many instructions a true comparison skips.
    pub jt: u8,
    /// How many instructions a false comparison skips.
    pub jf: u8,
    /// The constant.
    pub k: u32,
}

/// How many instructions the kernel takes (`BPF_MAXINSNS`).
pub const MAX_LEN: usize = 4096;

/// What `seccomp_data.arch` holds for calls of this program (`include/uapi/linux/audit.h`).
pub const THIS_ARCH: u32 = this_arch();

const fn this_arch() -> u32 {
    if cfg!(target_arch = "x86_64") {
        0xc000_003e
    } else if cfg!(target_arch = "x86") {
        0x4000_0003
    } else if cfg!(target_arch = "aarch64") {
        0xc000_00b7
    } else if cfg!(target_arch = "arm") {
        0x4000_0028
    } else if cfg!(target_arch = "riscv64") {
        0xc000_00f3
    } else if cfg!(target_arch = "loongarch64") {
        0xc000_0102
    } else if cfg!(target_arch = "s390x") {
        0x8000_0016
    } else if cfg!(all(target_arch = "powerpc64", target_endian = "little")) {
        0xc000_0015
    } else if cfg!(target_arch = "powerpc64") {
        0x8000_0015
    } else {
        0
    }
}

const LOAD: u16 = 0x20; // ld [k]
const RETURN: u16 = 0x06; // ret k
const JUMP: u16 = 0x05; // ja k
const ARCH: u32 = 4; // offsetof(struct seccomp_data, arch)

/// Reports whether the filter treats this machine's ABI unlike one that does not exist. A filter
/// that does not is for other ABIs, in another byte order, or never looks at `arch`.
#[must_use]
pub fn serves_this_abi(filter: &[Instruction]) -> bool {
    let compared = filter.iter().any(|i| is_jump(i.code) && i.k == THIS_ARCH)
        && filter.iter().any(|i| i.code == LOAD && i.k == ARCH);
    compared || (0..1024).any(|nr| answer(filter, nr, THIS_ARCH) != answer(filter, nr, 0))
}

/// Reports whether an instruction compares A with a constant.
const fn is_jump(code: u16) -> bool {
    matches!(code, 0x15 | 0x25 | 0x35 | 0x45)
}

/// Follows the filter for a call whose instruction pointer and arguments are 0. `None` is what the
/// filter computes in ways that this short interpreter does not know.
fn answer(filter: &[Instruction], nr: u32, arch: u32) -> Option<u32> {
    let (mut a, mut pc) = (0_u32, 0_usize);
    loop {
        let i = filter.get(pc)?;
        let skip = match i.code {
            LOAD => {
                a = [nr, arch].get(i.k as usize / 4).copied().unwrap_or(0);
                0
            }
            0x54 => {
                a &= i.k;
                0
            }
            0xa4 => {
                a ^= i.k;
                0
            }
            RETURN => return Some(i.k),
            JUMP => i.k as usize,
            0x15 => branch(*i, a == i.k),
            0x25 => branch(*i, a > i.k),
            0x35 => branch(*i, a >= i.k),
            0x45 => branch(*i, a & i.k != 0),
            _ => return None,
        };
        pc = pc.checked_add(skip)?.checked_add(1)?;
    }
}

const fn branch(i: Instruction, taken: bool) -> usize {
    (if taken { i.jt } else { i.jf }) as usize
}
