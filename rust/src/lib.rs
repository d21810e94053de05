// SPDX-License-Identifier: Apache-2.0

//! Installs seccomp filters that `seccompc` compiled, and fails closed.
//!
//! Nothing here allocates, takes a lock or depends on another crate, so that all of it may run
//! between `fork` and `execve` in a process with threads. A filter is a slice of [`Instruction`],
//! the kernel's `struct sock_filter`; `seccompc POLICY --format rust` writes them as functions.
//!
//! ```no_run
//! # static MAIN: &[seccompc::Instruction] = &[];
//! seccompc::install(MAIN, seccompc::Scope::Process)?;
//! # Ok::<(), seccompc::Error>(())
//! ```
//!
//! What an error means: the filter is *not* installed. `no_new_privs` may be set all the same.
//! A success is believed only where an older filter could not have pretended it: each system call
//! is first made in a form that the kernel must refuse.

#![no_std]
#![deny(missing_docs)]

mod fill;
mod kernel;
mod program;
mod sha256;

pub use fill::{fill, Filled, Place, Relocations, Value};
pub use kernel::{confined, install, install_listener, set_no_new_privs, Scope};
pub use program::{serves_this_abi, Instruction, MAX_LEN, THIS_ARCH};

use core::fmt;

/// Why nothing was installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The filter has no instructions, or more than the kernel's 4096.
    Length(usize),
    /// The filter waits for late values: [`fill()`] it first.
    Unfilled,
    /// The filter was filled before: fill the one that was compiled.
    Filled,
    /// This is another filter than the list of relocations is for.
    OtherFilter,
    /// The filter waits for more or fewer late values, or one is out of its type or range.
    Values,
    /// No path of the filter is for this machine's ABI: its numbers would mean other calls.
    OtherAbi,
    /// The kernel refused to set `no_new_privs`, with this errno.
    NoNewPrivs(i32),
    /// The kernel refused the filter, with this errno: 22 (EINVAL) for a filter or flags that it
    /// does not take, 13 (EACCES) without `no_new_privs`, 524 where `net.core.bpf_jit_limit` is
    /// used up, or what an older filter answers to `seccomp`.
    Refused(i32),
    /// A thread has filters that the calling thread has not, so that the kernel confined none.
    /// 0 where the kernel did not say which thread.
    Diverged(i32),
    /// An older filter answers the system call with success in the kernel's place.
    Feigned,
    /// This thread is not in filter mode, or `no_new_privs` is not set.
    NotConfined,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(n) => write!(f, "a filter has 1 to {MAX_LEN} instructions, not {n}"),
            Self::Unfilled => f.write_str("the filter waits for late values; fill it first"),
            Self::Filled => f.write_str("the filter is filled already"),
            Self::OtherFilter => f.write_str("the list of relocations is another filter's"),
            Self::Values => {
                f.write_str("the filter waits for other late values, or one is out of range")
            }
            Self::OtherAbi => f.write_str("no path of the filter is for this machine's ABI"),
            Self::NoNewPrivs(e) => write!(f, "no_new_privs was not set: errno {e}"),
            Self::Refused(e) => write!(f, "the kernel refused the filter: errno {e}"),
            Self::Diverged(tid) => write!(f, "thread {tid} has other filters than this one"),
            Self::Feigned => f.write_str("an older filter pretends success in the kernel's place"),
            Self::NotConfined => f.write_str("this thread is not confined"),
        }
    }
}

#[cfg(feature = "std")]
extern crate std;
#[cfg(feature = "std")]
impl std::error::Error for Error {}
