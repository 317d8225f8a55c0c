//! Who a key id is, what it signs with, and what it may do. Owned by the kernel, implemented by `sts` (later `iam`),
//! used by the gateway and by `exec`.

use std::fmt;

use crate::clock::UnixMillis;
use crate::ctx::Identity;
use crate::error::AwsError;
use crate::id::AccountId;
use crate::{Arn, BoxFuture};

/// A secret access key. Its `Debug` doesn't show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(pub String);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// A known access key.
#[derive(Clone, Debug)]
pub struct ResolvedKey {
    pub identity: Identity,
    pub secret: SecretKey,
    /// For session keys: when they end. The gateway refuses them afterwards.
    pub expires: Option<UnixMillis>,
}

/// Why a key can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownKey {
    /// No such key id.
    KeyId,
    /// The session token is missing, forged, or of another key.
    Token,
    /// The session has ended.
    Expired,
}

/// What a session is to be for.
#[derive(Clone, Debug)]
pub struct SessionRequest {
    pub account: AccountId,
    /// `arn:aws:iam::account:role/name`.
    pub role: Arn,
    pub session_name: String,
    pub expires: UnixMillis,
}

/// What a function or a caller of `AssumeRole` gets.
#[derive(Clone, Debug)]
pub struct SessionCredentials {
    pub access_key_id: String,
    pub secret: SecretKey,
    pub session_token: String,
    pub expires: UnixMillis,
}

/// Keys in, identities out; roles in, sessions out.
pub trait CredentialsPort: Send + Sync + fmt::Debug {
    fn resolve<'a>(&'a self, key_id: &'a str, token: Option<&'a str>)
    -> BoxFuture<'a, Result<ResolvedKey, UnknownKey>>;
    fn issue(&self, request: SessionRequest) -> SessionCredentials;
}

/// May this identity do that? `action` is `service:Operation`; `resource` is an ARN or `*`.
pub trait Authorizer: Send + Sync + fmt::Debug {
    fn authorize<'a>(
        &'a self,
        who: &'a Identity,
        action: &'a str,
        resource: &'a str,
    ) -> BoxFuture<'a, Result<(), AwsError>>;
}
