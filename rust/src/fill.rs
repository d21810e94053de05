// SPDX-License-Identifier: Apache-2.0

//! Late values: what is known only when the sandbox starts.

use crate::{Error, Instruction};

/// Half of a late value that a place wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Bits 0 to 31: all of a value of 32 bits.
    Low,
    /// Bits 32 to 63.
    High,
}

/// Where a late value goes, as `seccompc --relocations` lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The instruction, counted from 0.
    pub instruction: usize,
    /// Which of the values, counted from 0.
    pub value: usize,
    /// Which half of it.
    pub half: Half,
}

/// The operation of an instruction that waits for a value. The kernel refuses it.
pub const WAITING: u16 = 0x0115;
const JEQ: u16 = 0x15;

/// Puts late values into their places.
///
/// The filter is left as it was, and the answer is [`Error::Fill`], unless every place is one that
/// waits and every instruction that waits is a place: a filter is filled once, and whole. Values of
/// 32 bits stand in the low half; a negative one of type `i32` as its bits
/// (`u64::from(value as u32)`).
///
/// # Errors
///
/// [`Error::Fill`] as said.
pub fn fill(filter: &mut [Instruction], places: &[Place], values: &[u64]) -> Result<(), Error> {
    let waiting = filter.iter().filter(|i| i.code == WAITING).count();
    let whole = places.iter().enumerate().all(|(n, p)| {
        filter.get(p.instruction).map(|i| i.code) == Some(WAITING)
            && p.value < values.len()
            && !places[..n].iter().any(|q| q.instruction == p.instruction)
    });
    if !whole || waiting != places.len() {
        return Err(Error::Fill);
    }
    for p in places {
        let value = values[p.value];
        let i = &mut filter[p.instruction];
        i.code = JEQ;
        i.k = half(value, p.half);
    }
    Ok(())
}

#[allow(clippy::cast_possible_truncation)] // what a half is
const fn half(value: u64, half: Half) -> u32 {
    match half {
        Half::Low => value as u32,
        Half::High => (value >> 32) as u32,
    }
}
