// SPDX-License-Identifier: Apache-2.0

//! Filters into the kernel, by `prctl(2)` and `seccomp(2)`.

use crate::{fill::WAITING, serves_this_abi, Error, Instruction, MAX_LEN};

/// Whom a filter confines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The calling thread, and what it starts from now on. The scope after `fork`.
    Thread,
    /// All threads of the process (`SECCOMP_FILTER_FLAG_TSYNC`).
    Process,
}

// C's types on every Linux; core has names for them from Rust 1.64 on.
#[allow(non_camel_case_types)]
type c_int = i32;
#[allow(non_camel_case_types)]
type c_long = isize;
#[allow(non_camel_case_types)]
type c_ulong = usize;

extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
    fn prctl(option: c_int, ...) -> c_int;
    fn __errno_location() -> *mut c_int;
}

#[cfg(target_arch = "x86_64")]
const SYS_SECCOMP: c_long = 317;
#[cfg(target_arch = "x86")]
const SYS_SECCOMP: c_long = 354;
#[cfg(target_arch = "arm")]
const SYS_SECCOMP: c_long = 383;
#[cfg(target_arch = "s390x")]
const SYS_SECCOMP: c_long = 348;
#[cfg(target_arch = "powerpc64")]
const SYS_SECCOMP: c_long = 358;
#[cfg(any(
    target_arch = "aarch64",
    target_arch = "riscv64",
    target_arch = "loongarch64"
))]
const SYS_SECCOMP: c_long = 277;

// include/uapi/linux/prctl.h and include/uapi/linux/seccomp.h
const PR_GET_SECCOMP: c_int = 21;
const PR_SET_NO_NEW_PRIVS: c_int = 38;
const PR_GET_NO_NEW_PRIVS: c_int = 39;
const MODE_FILTER: c_int = 2;
const SET_MODE_FILTER: c_ulong = 1;
const TSYNC: c_ulong = 1;
const NEW_LISTENER: c_ulong = 1 << 3;
const TSYNC_ESRCH: c_ulong = 1 << 4;
const WAIT_KILLABLE_RECV: c_ulong = 1 << 5;

const EINVAL: i32 = 22;
const ESRCH: i32 = 3;

/// `struct sock_fprog`.
#[repr(C)]
struct Program {
    len: u16,
    filter: *const Instruction,
}

/// Sets `no_new_privs` for the calling thread, which the kernel wants before a filter. [`install`]
/// does it, too.
///
/// # Errors
///
/// [`Error::NoNewPrivs`], and [`Error::Feigned`] where the flag is not set after a success.
pub fn set_no_new_privs() -> Result<(), Error> {
    const NONE: c_ulong = 0;
    // SAFETY: these two take numbers alone.
    if unsafe { prctl(PR_SET_NO_NEW_PRIVS, 1 as c_ulong, NONE, NONE, NONE) } != 0 {
        return Err(Error::NoNewPrivs(errno()));
    }
    match unsafe { prctl(PR_GET_NO_NEW_PRIVS, NONE, NONE, NONE, NONE) } {
        1 => Ok(()),
        _ => Err(Error::Feigned),
    }
}

/// Sets `no_new_privs` and installs the filter. Filters add up: the strictest answer decides.
///
/// # Errors
///
/// Each [`Error`] but those of late values and [`Error::NotConfined`]; nothing is installed then.
pub fn install(filter: &[Instruction], scope: Scope) -> Result<(), Error> {
    prepare(filter)?;
    let answer = match scope {
        Scope::Thread => offer(filter, 0),
        Scope::Process => match offer(filter, TSYNC | TSYNC_ESRCH) {
            // Before Linux 5.7 there is no TSYNC_ESRCH, and without it the kernel names the thread.
            Err(Error::Refused(EINVAL | ESRCH)) => offer(filter, TSYNC),
            answer => answer,
        },
    };
    match answer? {
        0 => Ok(()),
        tid => Err(Error::Diverged(tid)),
    }
}

/// Installs a filter that leaves calls to a supervisor, and returns the descriptor of its listener.
///
/// The descriptor is close-on-exec. A thread that waits for an answer is interrupted by fatal
/// signals alone where the kernel can do that (`WAIT_KILLABLE_RECV`, Linux 5.19).
///
/// # Errors
///
/// As [`install`]. [`Error::Refused`] with 16 (EBUSY): a filter has a listener already.
pub fn install_listener(filter: &[Instruction], scope: Scope) -> Result<i32, Error> {
    prepare(filter)?;
    let flags = match scope {
        Scope::Thread => NEW_LISTENER,
        Scope::Process => NEW_LISTENER | TSYNC | TSYNC_ESRCH,
    };
    let answer = match offer(filter, flags | WAIT_KILLABLE_RECV) {
        Err(Error::Refused(EINVAL)) => offer(filter, flags),
        answer => answer,
    };
    match answer {
        Err(Error::Refused(ESRCH)) => Err(Error::Diverged(0)),
        answer => answer,
    }
}

/// Asks the kernel whether the calling thread is in filter mode and has `no_new_privs`.
///
/// # Errors
///
/// [`Error::NotConfined`], also where a filter keeps `prctl` from answering.
pub fn confined() -> Result<(), Error> {
    const NONE: c_ulong = 0;
    // SAFETY: these two take numbers alone.
    let mode = unsafe { prctl(PR_GET_SECCOMP, NONE, NONE, NONE, NONE) };
    let flag = unsafe { prctl(PR_GET_NO_NEW_PRIVS, NONE, NONE, NONE, NONE) };
    if mode == MODE_FILTER && flag == 1 {
        Ok(())
    } else {
        Err(Error::NotConfined)
    }
}

fn prepare(filter: &[Instruction]) -> Result<(), Error> {
    if filter.is_empty() || filter.len() > MAX_LEN {
        return Err(Error::Length(filter.len()));
    }
    if filter.iter().any(|i| i.code == WAITING) {
        return Err(Error::Unfilled);
    }
    if !serves_this_abi(filter) {
        return Err(Error::OtherAbi);
    }
    set_no_new_privs()
}

/// Hands the filter to the kernel, after an empty one that it must refuse: an older filter sees
/// the same registers both times, so that its feigned success shows the first time.
fn offer(filter: &[Instruction], flags: c_ulong) -> Result<i32, Error> {
    if attach(&filter[..0], flags).is_ok() {
        return Err(Error::Feigned);
    }
    attach(filter, flags)
}

#[allow(clippy::cast_possible_truncation)] // at most MAX_LEN; the kernel's answer is an int
fn attach(filter: &[Instruction], flags: c_ulong) -> Result<i32, Error> {
    let program = Program {
        len: filter.len() as u16,
        filter: filter.as_ptr(),
    };
    let at: *const Program = &program;
    // SAFETY: the kernel reads the program and what it points to, both alive during the call.
    let answer = unsafe { syscall(SYS_SECCOMP, SET_MODE_FILTER, flags, at) };
    if answer < 0 {
        return Err(Error::Refused(errno()));
    }
    Ok(answer as i32)
}

fn errno() -> i32 {
    // SAFETY: it points to the calling thread's errno.
    unsafe { *__errno_location() }
}
