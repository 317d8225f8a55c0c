//! `aws-chunked` bodies: `size[;chunk-signature=…]`, the bytes, and after an empty chunk the trailers.
//!
//! The decoder takes bytes as they come and keeps no more than one line of them. What it gives out of a signed chunk
//! is proved only when the chunk has ended: a reader acts on the body after [`ChunkDecoder::finish`], not before.

mod decoder;
mod error;
mod signing;

pub use decoder::ChunkDecoder;
pub use error::ChunkError;
