// SPDX-License-Identifier: Apache-2.0

//! Installs filters on the running kernel, each in a child of its own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use seccompc::{
    confined, fill, install, install_listener, set_no_new_privs, Error, Instruction, Place,
    Relocations, Scope, Value, THIS_ARCH,
};

#[path = "../examples/filters/child.rs"]
mod sandbox_child;

extern "C" {
    fn getpid() -> i32;
    fn getppid() -> i32;
    fn kill(pid: i32, signal: i32) -> i32;
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

/// Waits for the low half of an i32, and for both of a u64.
const WAITING: [Instruction; 6] = [
    op(0x20, 0, 0, 16),
    op(0x115, 3, 0, 0),
    op(0x115, 2, 0, 3),
    op(0x115, 1, 0, 2),
    op(0x06, 0, 0, ALLOW),
    op(0x06, 0, 0, errno(1)),
];

#[rustfmt::skip]
const LIST: Relocations = Relocations {
    sha256: [
        0xa5, 0x08, 0x7a, 0xd1, 0x5b, 0xc9, 0x1b, 0x5e, 0xbe, 0xc4, 0xef, 0xdf, 0x7b, 0x81, 0x42, 0xab,
        0x9f, 0x1d, 0x50, 0x4a, 0x2c, 0x3e, 0xb2, 0x1c, 0x16, 0x83, 0x3b, 0xf6, 0x29, 0x0c, 0xd5, 0x51,
    ],
    values: &[Value::i32(-5, i32::MAX), Value::u64(0, u64::MAX)],
    places: &[Place::low(1, 0), Place::high(2, 1), Place::low(3, 1)],
};

#[test]
#[cfg(target_endian = "little")]
fn late_values_are_filled_in_once() {
    const MINUS_ONE: u64 = u64::MAX;
    let mut filter = WAITING;
    let refused = |filter: &mut [Instruction; 6], list, values: &[u64], why| {
        let before = *filter;
        assert_eq!(fill(filter, list, values), Err(why), "{values:x?}");
        assert_eq!(*filter, before, "a failure leaves it as it was");
    };
    for values in [
        &[][..],
        &[1],
        &[1, 2, 3],
        &[u64::MAX - 5, 1], // -6
        &[1 << 31, 1],      // above the largest i32
        &[0xffff_ffff, 1],  // -1 must be extended by its sign
    ] {
        refused(&mut filter, &LIST, values, Error::Values);
    }
    let lists = [
        Relocations {
            sha256: [0; 32],
            ..LIST
        },
        Relocations {
            places: &[Place::low(1, 0), Place::high(2, 1)],
            ..LIST
        },
        Relocations {
            places: &[Place::low(1, 0), Place::low(2, 1), Place::high(3, 1)],
            ..LIST
        },
        Relocations {
            places: &[Place::low(3, 1), Place::high(2, 1), Place::low(1, 0)],
            ..LIST
        },
        Relocations {
            places: &[Place::low(1, 0), Place::high(2, 1), Place::low(9, 1)],
            ..LIST
        },
        Relocations {
            places: &[Place::low(1, 0), Place::high(2, 1), Place::low(3, 9)],
            ..LIST
        },
        Relocations {
            places: &[],
            ..LIST
        },
    ];
    for list in &lists {
        refused(&mut filter, list, &[1, 2], Error::OtherFilter);
    }
    let mut other = WAITING;
    other[5] = op(0x06, 0, 0, ALLOW);
    refused(&mut other, &LIST, &[1, 2], Error::OtherFilter);
    assert_eq!(install(&filter, Scope::Thread), Err(Error::Unfilled));
    assert_eq!(
        unsafe { raw_install(&filter) },
        22,
        "the kernel takes what waits"
    );

    assert_eq!(
        fill(&mut filter, &LIST, &[MINUS_ONE, 0x1234_5678_9abc_def0]),
        Ok(())
    );
    assert_eq!(
        filter[1..4],
        [
            op(0x15, 3, 0, 0xffff_ffff),
            op(0x15, 2, 0, 0x1234_5678),
            op(0x15, 1, 0, 0x9abc_def0),
        ]
    );
    refused(&mut filter, &LIST, &[1, 2], Error::Filled);
    assert_eq!(unsafe { raw_install(&filter) }, 0);
}

#[test]
fn a_generated_filter_takes_late_values() {
    for wrong in [0, -1, i32::MIN] {
        assert_eq!(sandbox_child::child(wrong).err(), Some(Error::Values));
    }
    let status = child(|| {
        let (sandbox, own) = unsafe { (getppid(), getpid()) };
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let installed = sandbox_child::child(sandbox).and_then(|f| install(&f, Scope::Thread));
        let allocated = ALLOCATIONS.load(Ordering::Relaxed) - before;
        let to = |pid| match unsafe { kill(pid, 0) } {
            0 => 0,
            _ => std::io::Error::last_os_error().raw_os_error().unwrap_or(-1),
        };
        i32::from(installed.is_err() || allocated != 0 || to(sandbox) != 1 || to(own) != 0)
    });
    assert_eq!(status, 0);
}

/// What the kernel itself says to a filter, without any of this crate's checks.
unsafe fn raw_install(filter: &[Instruction]) -> i32 {
    #[repr(C)]
    struct Program(u16, *const Instruction);
    child(|| {
        let program = Program(filter.len() as u16, filter.as_ptr());
        let (set_no_new_privs, set_seccomp, mode_filter) = (38, 22, 2_usize);
        if prctl(set_no_new_privs, 1_usize, 0_usize, 0_usize, 0_usize) != 0 {
            return 1;
        }
        if prctl(set_seccomp, mode_filter, &program as *const Program) == 0 {
            return 0;
        }
        std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
    })
}
