//! Secrets that a service makes, or was given, for the whole installation: on every node the same, and not touched when accounts
//! are emptied. Those without which what services keep is of no use (what encrypts it, what connections call with) are in
//! backups, as that is; all others are in none. Implemented by the binary.

use std::fmt;

use crate::BoxFuture;
use crate::error::AwsError;

pub trait SecretsPort: Send + Sync + fmt::Debug {
    /// What is kept under a name.
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, AwsError>>;

    /// Keeps `fresh` where nothing is kept yet. What is kept from now on, durably.
    fn keep<'a>(&'a self, name: &'a str, fresh: Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, AwsError>>;

    /// Nothing is kept under that name any more.
    fn forget<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), AwsError>>;
}
