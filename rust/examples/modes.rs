// SPDX-License-Identifier: Apache-2.0

//! How a sandbox installs what seccompc generated, with a mode that is chosen at run time: a
//! prelude for all threads of the process, Landlock, then the filter of the mode for this thread.
//! Instead of executing a program it tries what the program would meet.

#[path = "filters/openshell.rs"]
mod openshell;
#[path = "filters/prelude.rs"]
mod prelude;

use openshell::OpenshellConfiguration as Mode;
use seccompc::{confined, install, Error, Scope};

extern "C" {
    fn syscall(number: isize, ...) -> isize;
}

#[cfg(target_arch = "x86_64")]
mod nr {
    pub const SOCKET: isize = 41;
    pub const PTRACE: isize = 101;
    pub const PRCTL: isize = 157;
    pub const MOUNT: isize = 165;
    pub const INIT_MODULE: isize = 175;
    pub const OPENAT: isize = 257;
    pub const UNSHARE: isize = 272;
    pub const SECCOMP: isize = 317;
    pub const MEMFD_CREATE: isize = 319;
    pub const BPF: isize = 321;
}
#[cfg(target_arch = "aarch64")]
mod nr {
    pub const OPENAT: isize = 56;
    pub const MOUNT: isize = 40;
    pub const UNSHARE: isize = 97;
    pub const INIT_MODULE: isize = 105;
    pub const PTRACE: isize = 117;
    pub const PRCTL: isize = 167;
    pub const SOCKET: isize = 198;
    pub const SECCOMP: isize = 277;
    pub const MEMFD_CREATE: isize = 279;
    pub const BPF: isize = 280;
}
const IO_URING_SETUP: isize = 425;
const CLONE3: isize = 435;
const LANDLOCK_CREATE_RULESET: isize = 444;
const LANDLOCK_RESTRICT_SELF: isize = 446;

const EPERM: i32 = 1;
const EACCES: i32 = 13;
const ENOSYS: i32 = 38;

const AT_FDCWD: isize = -100;
const O_WRONLY: isize = 1;
const NEW_USER: isize = 0x1000_0000;

/// Makes a call and returns its errno, 0 for a success. What it opens stays open.
fn errno_of(number: isize, args: [isize; 5]) -> i32 {
    // SAFETY: the pointers among the arguments are null or of strings that end with 0.
    let answer = unsafe { syscall(number, args[0], args[1], args[2], args[3], args[4], 0_isize) };
    if answer >= 0 {
        return 0;
    }
    std::io::Error::last_os_error().raw_os_error().unwrap_or(-1)
}

/// Lets this thread write no file from now on (`include/uapi/linux/landlock.h`).
fn landlock() -> Result<(), String> {
    let write_file: u64 = 1 << 1;
    let size = std::mem::size_of::<u64>();
    // SAFETY: the first call reads 8 bytes, the second takes numbers alone.
    let done = unsafe {
        let ruleset = syscall(
            LANDLOCK_CREATE_RULESET,
            std::ptr::addr_of!(write_file),
            size,
            0_usize,
        );
        ruleset >= 0 && syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0_usize) == 0
    };
    if done {
        return Ok(());
    }
    Err(format!("Landlock: {}", std::io::Error::last_os_error()))
}

/// What a program in the sandbox meets: calls, and the errno of each.
fn behaviours(mode: Mode) -> Vec<(&'static str, isize, [isize; 5], i32)> {
    let ip = if mode == Mode::Block { EPERM } else { 0 };
    let file = b"/dev/null\0".as_ptr() as isize;
    let none = [0; 5];
    vec![
        ("memfd_create", nr::MEMFD_CREATE, none, EPERM),
        ("ptrace", nr::PTRACE, [3, 0, 0, 0, 0], EPERM),
        ("bpf", nr::BPF, none, EPERM),
        ("io_uring_setup", IO_URING_SETUP, none, EPERM),
        ("mount", nr::MOUNT, none, EPERM),
        ("init_module, by the prelude", nr::INIT_MODULE, none, EPERM),
        ("clone3", CLONE3, none, ENOSYS),
        (
            "a user namespace",
            nr::UNSHARE,
            [NEW_USER, 0, 0, 0, 0],
            EPERM,
        ),
        ("unshare without flags", nr::UNSHARE, none, 0),
        ("a filter of its own", nr::SECCOMP, [1, 0, 0, 0, 0], EPERM),
        ("the same by prctl", nr::PRCTL, [22, 2, 0, 0, 0], EPERM),
        ("AF_UNIX", nr::SOCKET, [1, 1, 0, 0, 0], 0),
        ("AF_INET", nr::SOCKET, [2, 1, 0, 0, 0], ip),
        (
            "AF_INET, upper half soiled",
            nr::SOCKET,
            [2 | 1 << 32, 1, 0, 0, 0],
            ip,
        ),
        ("AF_PACKET", nr::SOCKET, [17, 3, 0, 0, 0], EPERM),
        ("reading a file", nr::OPENAT, [AT_FDCWD, file, 0, 0, 0], 0),
        (
            "writing a file, by Landlock",
            nr::OPENAT,
            [AT_FDCWD, file, O_WRONLY, 0, 0],
            EACCES,
        ),
    ]
}

fn sandbox(mode: Mode) -> Result<(), String> {
    let words = |e: Error| e.to_string();
    install(prelude::prelude(), Scope::Process).map_err(words)?;
    landlock()?;
    install(openshell::openshell(mode), Scope::Thread).map_err(words)?;
    confined().map_err(words)
}

fn main() {
    let mode = match std::env::args().nth(1).as_deref() {
        Some("block") => Mode::Block,
        Some("proxy") => Mode::Proxy,
        _ => panic!("usage: modes block|proxy"),
    };
    let (confine, wait) = std::sync::mpsc::channel();
    let other = std::thread::spawn(move || {
        wait.recv().expect("the main thread confines this one");
        errno_of(nr::MOUNT, [0; 5])
    });
    if let Err(why) = sandbox(mode) {
        panic!("not confined: {why}");
    }
    confine.send(()).expect("the other thread waits");
    let mut failed = 0;
    if other.join().expect("it ends") != EPERM {
        eprintln!("FAIL the prelude does not hold for the other thread");
        failed += 1;
    }
    let all = behaviours(mode);
    for (what, number, args, want) in &all {
        let got = errno_of(*number, *args);
        if got != *want {
            eprintln!("FAIL {what}: errno {got}, want {want}");
            failed += 1;
        }
    }
    println!("{mode:?}: {} behaviours, {failed} failed", all.len());
    std::process::exit(failed);
}
