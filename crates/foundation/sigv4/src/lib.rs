//! AWS Signature Version 4, from the verifier's side: signatures in headers and in presigned URLs, the hash of the
//! body, and `aws-chunked` bodies with chunk signatures and trailers; and version 2 in the
//! links that S3 still takes. [`sign`] and [`presign`] are its other side,
//! for the house's own client and tests.
//!
//! It is pure: it must never read a clock, keep a secret longer than asked, or know what a service does. Times are
//! *real* times, as clients live in real time even where the platform's clock was moved.
//! Start reading at [`parse`], which gives a [`Claim`], then [`Claim::verify`], then [`to_aws`].

mod authorization;
mod aws;
mod canonical;
pub mod chunked;
mod claim;
mod error;
mod hex;
mod key;
mod payload;
mod presigned;
mod scope;
mod sign;
mod time;
mod verify;
mod version2;

pub use aws::{Style, to_aws};
pub use canonical::Parts;
pub use chunked::{ChunkDecoder, ChunkError};
pub use claim::{Claim, Kind, parse};
pub use error::{AuthError, ExpiresError, Mismatch, Place, ScopeError};
pub use hex::{sha256, to_hex};
pub use key::{KeyCache, SigningKey};
pub use payload::{PayloadCheck, PayloadMode};
pub use scope::{Scope, parse_credential};
pub use sign::{Signer, SigningInput, presign, sign};
pub use time::{format_timestamp, parse_timestamp};
pub use verify::{Body, ChunkSigning, Verified};
pub use version2::{matches_version2, sign_version2};

/// The one algorithm that is verified here.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// SigV4a: recognised, and refused with a sentence that says so.
pub const ALGORITHM_V4A: &str = "AWS4-ECDSA-P256-SHA256";
/// How far a request's time may be from ours, either way.
pub const MAX_SKEW: std::time::Duration = std::time::Duration::from_secs(15 * 60);
/// The longest life of a presigned URL: seven days, in seconds.
pub const MAX_EXPIRES_SECS: u64 = 604_800;
