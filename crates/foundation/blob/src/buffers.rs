//! Large buffers that are used again, whichever thread is done with them.
//!
//! An allocator keeps what it gave to a thread for that thread, and work moves between many threads here: a commit
//! hands its own on to another. Each of them would keep some of the largest blocks.

use std::mem;
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use parking_lot::Mutex;

/// Bytes of each: four segments of an encrypted body with their tags.
pub const LARGE: usize = 4 * ((64 << 10) + 16);
/// So many are kept at most: what a dozen bodies under way need.
const KEPT: usize = 48;

static FREE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Bytes with room for [`LARGE`] of them. Dropped, also as [`Bytes`], its room is kept for the next one.
#[derive(Debug)]
pub struct Buffer(Vec<u8>);

impl Buffer {
    /// An empty one.
    #[must_use]
    pub fn take() -> Self {
        Self(FREE.lock().pop().unwrap_or_else(|| Vec::with_capacity(LARGE)))
    }

    /// So that its last clone gives the room back.
    #[must_use]
    pub fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut room = mem::take(&mut self.0);
        room.clear();
        let mut free = FREE.lock();
        // What had to grow is too large to be kept.
        if free.len() < KEPT && room.capacity() == LARGE {
            free.push(room);
        }
    }
}

impl Deref for Buffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_used_again_and_empty() {
        let mut one = Buffer::take();
        one.extend_from_slice(&[1; 100]);
        let bytes = one.freeze();
        assert_eq!(bytes.len(), 100);
        let part = bytes.slice(10..20);
        drop(bytes);
        assert_eq!(part, [1; 10].as_slice());
        drop(part);
        assert!(Buffer::take().is_empty());
        assert!(Buffer::take().capacity() >= LARGE);
    }

    #[test]
    fn no_more_are_kept_than_there_is_use_for() {
        drop((0..KEPT * 2).map(|_| Buffer::take()).collect::<Vec<_>>());
        assert!(FREE.lock().len() <= KEPT);
    }
}
