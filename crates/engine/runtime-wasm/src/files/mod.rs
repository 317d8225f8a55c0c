//! `/tmp`: a folder of each instance's own, with an end to what is in it.

mod host;
mod quota;
mod stream;
#[cfg(test)]
mod tests;
mod tmp;

pub(crate) use host::{Files, Within};
pub(crate) use quota::Quota;
pub(crate) use tmp::{Scratch, Tmp};
