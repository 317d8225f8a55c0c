//! Takes the machine's randomness away.
//!
//! The platform itself draws only from the `Rng` that it is given. What it is built on doesn't: the order of a
//! `HashMap`, which branch of a `select!` looks first, which of several watchers wakes first. All of that begins with
//! the standard library asking the operating system for random bytes, by the function of this name; a program that has
//! one of its own is asked instead.
#![expect(unsafe_code, reason = "the one way to stand in for a function of the C library")]

use std::ffi::{c_uint, c_void};
use std::sync::atomic::{AtomicU64, Ordering};

static STATE: AtomicU64 = AtomicU64::new(0);

/// What comes next follows from the seed.
pub(crate) fn begin(seed: u64) {
    STATE.store(seed, Ordering::SeqCst);
}

fn next() -> u64 {
    let mut z = STATE.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// # Safety
/// As the C library's: `buffer` has room for `length` bytes.
// SAFETY: the name and the signature are those of getrandom(2), which is what callers mean by it.
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut c_void, length: usize, _flags: c_uint) -> isize {
    // SAFETY: the caller says that there is room for so many bytes.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
    for chunk in bytes.chunks_mut(8) {
        for (to, from) in chunk.iter_mut().zip(next().to_le_bytes()) {
            *to = from;
        }
    }
    isize::try_from(length).unwrap_or(isize::MAX)
}
