//! What functions print: read continuously, kept within limits, framed as AWS frames it, handed on in batches.

pub(crate) mod book;
pub(crate) mod format;
pub(crate) mod instance;
pub(crate) mod level;
pub(crate) mod platform;
pub(crate) mod sink;
pub(crate) mod tail;
