//! What every part of updraft shares: ids and ARNs, errors as AWS shows them, the clock, randomness, the request
//! context, supervised tasks, and the ports by which services meet.
//!
//! It must never know a protocol, a store, a service or a file. It imports no other crate of the house.
//! Start reading at [`ctx::Ctx`], then [`error::AwsError`], then [`ports`].

pub mod arn;
pub mod clock;
pub mod ctx;
pub mod error;
pub mod id;
pub mod ports;
pub mod rng;
pub mod settled;
pub mod tasks;

/// Bytes as lower-case hexadecimal digits.
pub use base16ct::lower::encode_string as hex;

pub use arn::{Arn, InvalidArn};
pub use clock::{Clock, SystemClock, UnixMillis, VirtualClock};
pub use ctx::{Ctx, Identity, Principal, SignedBy, Via};
pub use error::{AwsError, ErrorCode, Fault};
pub use id::{AccountId, InvalidId, Region, RequestId};
pub use rng::{OsRng, Rng, RngExt, SeededRng};
pub use settled::settled;
pub use tasks::{Shutdown, Tasks};

/// A boxed, sendable future: what a port's methods return, so that ports stay object-safe.
pub type BoxFuture<'a, T> = futures_util::future::BoxFuture<'a, T>;
