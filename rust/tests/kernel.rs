// SPDX-License-Identifier: Apache-2.0

//! Installs filters on the running kernel, each in a child of its own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use seccompc::{
    confined, fill, install, install_listener, set_no_new_privs, Error, Half, Instruction, Place,
    Scope, THIS_ARCH,
};

extern "C" {
    fn fork() -> i32;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(status: i32) -> !;
    fn mkdir(path: *const u8, mode: u32) -> i32;
    fn prctl(option: i32, ...) -> i32;
}

/// Counts allocations, of which installing is to make none.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        System.alloc(layout)
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        System.dealloc(at, layout);
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const ALLOW: u32 = 0x7fff_0000;
const NOTIFY: u32 = 0x7fc0_0000;
const KILL: u32 = 0x8000_0000;
const ENOTBLK: i32 = 15;
const NR: u32 = 0;
const ARCH: u32 = 4;

#[cfg(target_arch = "x86_64")]
const MKDIR: [u32; 2] = [83, 258];
#[cfg(not(target_arch = "x86_64"))]
const MKDIR: [u32; 2] = [34, 34];
#[cfg(target_arch = "x86_64")]
const SECCOMP_AND_PRCTL: [u32; 2] = [317, 157];
#[cfg(not(target_arch = "x86_64"))]
const SECCOMP_AND_PRCTL: [u32; 2] = [277, 167];

const fn op(code: u16, jt: u8, jf: u8, k: u32) -> Instruction {
    Instruction { code, jt, jf, k }
}

/// A filter for `arch` that gives two calls an answer and allows the others.
const fn two_calls(arch: u32, nr: [u32; 2], answer: u32) -> [Instruction; 8] {
    [
        op(0x20, 0, 0, ARCH),
        op(0x15, 0, 5, arch),
        op(0x20, 0, 0, NR),
        op(0x15, 2, 0, nr[0]),
        op(0x15, 1, 0, nr[1]),
        op(0x06, 0, 0, ALLOW),
        op(0x06, 0, 0, answer),
        op(0x06, 0, 0, KILL),
    ]
}

const fn errno(n: i32) -> u32 {
    0x0005_0000 | n as u32
}

const NO_MKDIR: [Instruction; 8] = two_calls(THIS_ARCH, MKDIR, errno(ENOTBLK));

/// Runs a body in a child, which ends with what it returns.
fn child(body: impl FnOnce() -> i32) -> i32 {
    let pid = unsafe { fork() };
    assert!(pid >= 0, "fork");
    if pid == 0 {
        let status = body();
        unsafe { _exit(status) }
    }
    let mut status = 0;
    assert_eq!(unsafe { waitpid(pid, &mut status, 0) }, pid);
    assert_eq!(status & 0x7f, 0, "the child died of a signal");
    status >> 8
}

/// Makes a call that [`NO_MKDIR`] refuses, and returns its errno. It cannot succeed anyhow.
fn try_mkdir() -> i32 {
    unsafe { mkdir(b"/proc/none/none\0".as_ptr(), 0) };
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

#[test]
fn a_thread_is_confined() {
    let status = child(|| {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let unconfined = confined() == Err(Error::NotConfined);
        let installed = install(&NO_MKDIR, Scope::Thread);
        let confined = confined();
        let allocated = ALLOCATIONS.load(Ordering::Relaxed) - before;
        if !unconfined || installed.is_err() || confined.is_err() || allocated != 0 {
            return 1;
        }
        try_mkdir()
    });
    assert_eq!(status, ENOTBLK);
}

#[test]
fn all_threads_are_confined() {
    let status = child(|| {
        let (go, wait) = mpsc::channel::<()>();
        let other = std::thread::spawn(move || {
            wait.recv().ok();
            try_mkdir()
        });
        let installed = install(&NO_MKDIR, Scope::Process);
        go.send(()).ok();
        let seen = other.join().unwrap_or(0);
        i32::from(installed.is_err() || seen != ENOTBLK)
    });
    assert_eq!(status, 0);
}

#[test]
fn a_thread_with_filters_of_its_own_is_named() {
    let status = child(|| {
        let (ready, is_ready) = mpsc::channel();
        let (_done, until_done) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            ready.send(install(&NO_MKDIR, Scope::Thread)).ok();
            until_done.recv().ok();
        });
        let theirs = is_ready.recv();
        let ours = install(&NO_MKDIR, Scope::Process);
        let named = matches!(ours, Err(Error::Diverged(tid)) if tid > 0);
        let listener = install_listener(&NO_MKDIR, Scope::Process);
        let free = confined() == Err(Error::NotConfined);
        i32::from(
            !matches!(theirs, Ok(Ok(()))) || !named || listener != Err(Error::Diverged(0)) || !free,
        )
    });
    assert_eq!(status, 0);
}

#[test]
fn a_feigned_success_is_not_believed() {
    for nr in SECCOMP_AND_PRCTL {
        let status = child(|| {
            let feign = two_calls(THIS_ARCH, [nr, nr], errno(0));
            if set_no_new_privs().is_err() || install(&feign, Scope::Thread).is_err() {
                return 1;
            }
            let thread = install(&NO_MKDIR, Scope::Thread);
            let process = install(&NO_MKDIR, Scope::Process);
            let listener = install_listener(&NO_MKDIR, Scope::Thread);
            let feigned = Err(Error::Feigned);
            let believed = thread != feigned || process != feigned || listener.is_ok();
            i32::from(believed || try_mkdir() == ENOTBLK)
        });
        assert_eq!(status, 0, "call {nr}");
    }
}

#[test]
fn what_is_no_filter_for_this_machine_is_refused() {
    let status = child(|| {
        let mut invalid = NO_MKDIR;
        invalid[5].code = 0xffff;
        let foreign = two_calls(THIS_ARCH ^ 1, MKDIR, errno(1));
        let too_long = vec![NO_MKDIR[5]; 4097];
        let answers = [
            install(&[], Scope::Thread) == Err(Error::Length(0)),
            install(&too_long, Scope::Thread) == Err(Error::Length(4097)),
            install(&foreign, Scope::Thread) == Err(Error::OtherAbi),
            install(&[NO_MKDIR[5]], Scope::Thread) == Err(Error::OtherAbi),
            install(&invalid, Scope::Thread) == Err(Error::Refused(22)),
            confined() == Err(Error::NotConfined),
        ];
        answers
            .iter()
            .position(|right| !right)
            .map_or(0, |n| n as i32 + 1)
    });
    assert_eq!(status, 0, "the answer of that number, from 1, is wrong");
}

#[test]
fn there_is_one_listener() {
    let status = child(|| {
        let filter = two_calls(THIS_ARCH, MKDIR, NOTIFY);
        let first = install_listener(&filter, Scope::Process);
        let second = install_listener(&filter, Scope::Process);
        i32::from(!matches!(first, Ok(fd) if fd > 2) || second != Err(Error::Refused(16)))
    });
    assert_eq!(status, 0);
}

#[test]
fn a_late_value_is_filled_in_once() {
    const WAITING: u16 = 0x0115;
    let mut filter = NO_MKDIR;
    filter[3].code = WAITING;
    filter[4].code = WAITING;
    let places = [
        Place {
            instruction: 3,
            value: 0,
            half: Half::Low,
        },
        Place {
            instruction: 4,
            value: 0,
            half: Half::High,
        },
    ];
    let value = [u64::from(MKDIR[0]) | u64::from(MKDIR[1]) << 32];
    assert_eq!(install(&filter, Scope::Thread), Err(Error::Unfilled));
    let program = Instruction { ..filter[0] };
    assert_eq!(
        unsafe { raw_install(&filter) },
        22,
        "the kernel takes an unfilled filter"
    );
    for wrong in [&places[..1], &[places[0], places[0]], &[]] {
        assert_eq!(fill(&mut filter, wrong, &value), Err(Error::Fill));
    }
    assert_eq!(fill(&mut filter, &places, &[]), Err(Error::Fill));
    assert_eq!(
        (filter[0], filter[3].code),
        (program, WAITING),
        "a failure leaves it as it was"
    );
    assert_eq!(fill(&mut filter, &places, &value), Ok(()));
    assert_eq!(filter, NO_MKDIR);
    assert_eq!(fill(&mut filter, &places, &value), Err(Error::Fill));
    let status = child(|| match install(&filter, Scope::Thread) {
        Ok(()) => try_mkdir(),
        Err(_) => 1,
    });
    assert_eq!(status, ENOTBLK);
}

/// What the kernel itself says to a filter, without any of this crate's checks.
unsafe fn raw_install(filter: &[Instruction]) -> i32 {
    #[repr(C)]
    struct Program(u16, *const Instruction);
    let status = child(|| {
        let program = Program(filter.len() as u16, filter.as_ptr());
        let (set_no_new_privs, set_seccomp, mode_filter) = (38, 22, 2_usize);
        if prctl(set_no_new_privs, 1_usize, 0_usize, 0_usize, 0_usize) != 0 {
            return 1;
        }
        if prctl(set_seccomp, mode_filter, &program as *const Program) == 0 {
            return 0;
        }
        std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
    });
    status
}
