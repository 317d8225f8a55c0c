//! Keys are typed tuples whose byte order is their tuple order.
//!
//! A key is a tag byte (see [`crate::tags`]) and then elements. Each element is a type byte and a body:
//!
//! | type byte | element | body |
//! |---|---|---|
//! | `01` | bytes | the bytes, `00` written as `00 FF`, ended by `00` |
//! | `02` | text | the same over its UTF-8 |
//! | `0C..=13` | negative integer of 8 to 1 bytes | the value − 1 in two's complement, so that order holds |
//! | `14` | zero | none |
//! | `15..=1C` | positive integer of 1 to 8 bytes | big-endian |
//!
//! No type byte is `FF`, which is why `prefix .. prefix FF` holds all keys that begin with a tuple and no others.
//! Changing any of this makes existing data unreadable; the golden tests here are what says so.

mod builder;
mod reader;

pub use builder::KeyBuilder;
pub(crate) use builder::successor;
pub use reader::KeyReader;

const BYTES: u8 = 0x01;
const TEXT: u8 = 0x02;
const ZERO: u8 = 0x14;
const NUL: u8 = 0x00;
const ESCAPE: u8 = 0xFF;

#[cfg(test)]
mod tests;
