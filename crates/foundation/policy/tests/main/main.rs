//! What policies say to requests, as tables; and what holds for any of them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod asking;
mod conditions;
mod documents;
mod principals;
mod properties;
mod support;
