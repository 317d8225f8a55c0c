//! Where packages come from.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use updraft_kernel::BoxFuture;

/// Reads a code package by the id under which it was stored.
pub trait PackageSource: Send + Sync + fmt::Debug {
    fn package<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Bytes, Box<dyn Error + Send + Sync>>>;
}
