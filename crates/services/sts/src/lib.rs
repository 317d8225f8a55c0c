//! STS, and what keys are: [`Credentials`] turns key ids into identities and roles into sessions for the whole house.
//!
//! Sessions are stateless: everything about one is in its token, under a MAC. It must never know what a role may do;
//! without IAM every well-formed role name exists. Start reading at [`Credentials`].

mod allow_all;
mod credentials;
mod errors;
mod ops;

use std::sync::Arc;

use updraft_api_sts::types::{
    AssumeRoleInput, AssumeRoleOutput, GetCallerIdentityInput, GetCallerIdentityOutput, GetSessionTokenInput,
    GetSessionTokenOutput,
};
use updraft_kernel::{AwsError, BoxFuture, Ctx};

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

#[rustfmt::skip]
impl updraft_api_sts::Sts for Sts {
    fn assume_role<'a>(&'a self, cx: &'a Ctx, input: AssumeRoleInput) -> BoxFuture<'a, Result<AssumeRoleOutput, AwsError>> {
        Box::pin(async move { ops::assume_role(self, cx, &input) })
    }
    fn get_caller_identity<'a>(&'a self, cx: &'a Ctx, _: GetCallerIdentityInput) -> BoxFuture<'a, Result<GetCallerIdentityOutput, AwsError>> {
        Box::pin(async move { ops::get_caller_identity(cx) })
    }
    fn get_session_token<'a>(&'a self, cx: &'a Ctx, input: GetSessionTokenInput) -> BoxFuture<'a, Result<GetSessionTokenOutput, AwsError>> {
        Box::pin(async move { ops::get_session_token(self, cx, &input) })
    }
}
