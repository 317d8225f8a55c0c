//! STS, and what keys are: [`Credentials`] turns key ids into identities and roles into sessions for the whole house.
//!
//! Sessions are stateless: everything about one is in its token, under a MAC. It must never know what a role may do;
//! without IAM every well-formed role name exists. Start reading at [`Credentials`].

mod allow_all;
mod credentials;
mod errors;
mod ops;

use std::sync::Arc;

pub use allow_all::AllowAll;
pub use credentials::{Config, Credentials, MasterKey, RootKey};

/// The service.
#[derive(Debug)]
pub struct Sts {
    credentials: Arc<Credentials>,
}

impl Sts {
    #[must_use]
    pub fn new(credentials: Arc<Credentials>) -> Self {
        Self { credentials }
    }
}

updraft_api_sts::delegate!(Sts, ops);
