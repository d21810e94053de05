// SPDX-License-Identifier: Apache-2.0

//! Late values: what is known only when the sandbox starts.

use crate::{sha256, Error, Instruction};
use core::ops::Deref;

/// Where a late value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    instruction: usize,
    value: usize,
    high: bool,
}

impl Place {
    /// The place of bits 0 to 31 of a value, all of one of 32 bits. Instructions and values count
    /// from 0.
    #[must_use]
    pub const fn low(instruction: usize, value: usize) -> Self {
        Self {
            instruction,
            value,
            high: false,
        }
    }

    /// The place of bits 32 to 63 of a value.
    #[must_use]
    pub const fn high(instruction: usize, value: usize) -> Self {
        Self {
            instruction,
            value,
            high: true,
        }
    }

    /// What the instruction holds while it waits: which value, and which half of it.
    const fn k(self) -> usize {
        2 * self.value + self.high as usize
    }

    #[allow(clippy::cast_possible_truncation)] // what a half is
    const fn half(self, value: u64) -> u32 {
        (if self.high { value >> 32 } else { value }) as u32
    }
}

/// The type of a late value, and the least and the largest that it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    signed: bool,
    min: u64,
    max: u64,
}

impl Value {
    /// A value of type u32.
    #[must_use]
    pub const fn u32(min: u32, max: u32) -> Self {
        Self::u64(min as u64, max as u64)
    }

    /// A value of type u64.
    #[must_use]
    pub const fn u64(min: u64, max: u64) -> Self {
        let signed = false;
        Self { signed, min, max }
    }

    /// A value of type i32.
    #[must_use]
    pub const fn i32(min: i32, max: i32) -> Self {
        Self::i64(min as i64, max as i64)
    }

    /// A value of type i64.
    #[must_use]
    #[allow(clippy::cast_sign_loss)] // extended by the sign, as values are
    pub const fn i64(min: i64, max: i64) -> Self {
        Self {
            signed: true,
            min: min as u64,
            max: max as u64,
        }
    }

    #[allow(clippy::cast_possible_wrap)] // values are extended by their sign
    const fn allows(self, value: u64) -> bool {
        if self.signed {
            self.min as i64 <= value as i64 && value as i64 <= self.max as i64
        } else {
            self.min <= value && value <= self.max
        }
    }
}

/// Where a filter waits for late values, and which values these may be, as
/// `seccompc --relocations` lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relocations<'a> {
    /// SHA-256 of the filter that waits, as it lies in memory.
    pub sha256: [u8; 32],
    /// The late values.
    pub values: &'a [Value],
    /// The places.
    pub places: &'a [Place],
}

/// The operation of an instruction that waits for a value. The kernel refuses it.
pub const WAITING: u16 = 0x0115;
const JEQ: u16 = 0x15;

/// Puts late values into a filter that waits for them.
///
/// A value is 64 bits, and one of a signed type is extended by its sign: `pid as u64` of an `i32`.
/// A filter is filled once: the list knows the one that waits, bit for bit.
///
/// # Errors
///
/// [`Error::Values`], [`Error::Filled`] and [`Error::OtherFilter`]. The filter is left as it was.
pub fn fill(filter: &mut [Instruction], list: &Relocations, values: &[u64]) -> Result<(), Error> {
    let mut both = list.values.iter().zip(values);
    if list.values.len() != values.len() || !both.all(|(known, v)| known.allows(*v)) {
        return Err(Error::Values);
    }
    check(filter, list)?;
    for p in list.places {
        let i = &mut filter[p.instruction];
        i.code = JEQ;
        i.k = p.half(values[p.value]);
    }
    Ok(())
}

/// Refuses a filter that is not the list's, or is filled already.
fn check(filter: &[Instruction], list: &Relocations) -> Result<(), Error> {
    let waiting = filter.iter().filter(|i| i.code == WAITING).count();
    if waiting == 0 && !list.places.is_empty() {
        return Err(Error::Filled);
    }
    let ordered = (list.places.windows(2)).all(|p| p[0].instruction < p[1].instruction);
    let held = list.places.iter().all(|p| {
        let known = p.value < list.values.len();
        let at = filter.get(p.instruction);
        known && at.map_or(false, |i| i.code == WAITING && i.k as usize == p.k())
    });
    if !ordered || !held || waiting != list.places.len() || sha256::of(filter) != list.sha256 {
        return Err(Error::OtherFilter);
    }
    Ok(())
}

/// A filter with late values in it, of at most `N` instructions.
///
/// There is no other way to one than by values, and none to put in others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled<const N: usize> {
    instructions: [Instruction; N],
    len: usize,
}

impl<const N: usize> Filled<N> {
    /// Copies a filter that waits, and puts late values into the copy: see [`fill`].
    ///
    /// # Errors
    ///
    /// As [`fill`], and [`Error::Length`] where the filter has more than `N` instructions.
    pub fn new(filter: &[Instruction], list: &Relocations, values: &[u64]) -> Result<Self, Error> {
        const NONE: Instruction = Instruction {
            code: 0,
            jt: 0,
            jf: 0,
            k: 0,
        };
        let mut instructions = [NONE; N];
        let len = filter.len();
        let copy = instructions.get_mut(..len).ok_or(Error::Length(len))?;
        copy.copy_from_slice(filter);
        fill(copy, list, values)?;
        Ok(Self { instructions, len })
    }
}

impl<const N: usize> Deref for Filled<N> {
    type Target = [Instruction];

    fn deref(&self) -> &[Instruction] {
        &self.instructions[..self.len]
    }
}
