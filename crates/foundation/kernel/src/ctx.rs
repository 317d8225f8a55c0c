//! What an operation is told about the request it serves.

use std::net::IpAddr;
use std::sync::Arc;

use crate::Arn;
use crate::clock::{Clock, UnixMillis};
use crate::id::{AccountId, Region, RequestId};
use crate::rng::Rng;

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The account itself.
    Root,
    User {
        name: String,
        id: String,
    },
    /// A session of a role: `AROA…:session`.
    AssumedRole {
        role: String,
        role_id: String,
        session: String,
    },
    /// A part of the platform acting by itself, such as `lambda.amazonaws.com`.
    Service(&'static str),
    /// Nobody: an unsigned request where the operation allows it.
    Anonymous,
}

/// The caller, after its signature has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub account: AccountId,
    pub principal: Principal,
    /// Empty for anonymous and service callers.
    pub access_key_id: String,
}

impl Identity {
    #[must_use]
    pub fn root(account: AccountId) -> Self {
        Self { account, principal: Principal::Root, access_key_id: String::new() }
    }

    #[must_use]
    pub fn service(account: AccountId, service: &'static str) -> Self {
        Self { account, principal: Principal::Service(service), access_key_id: String::new() }
    }

    /// As `sts:GetCallerIdentity` names this caller.
    #[must_use]
    pub fn arn(&self, partition: &str) -> String {
        let account = &self.account;
        match &self.principal {
            Principal::Root => format!("arn:{partition}:iam::{account}:root"),
            Principal::User { name, .. } => format!("arn:{partition}:iam::{account}:user/{name}"),
            Principal::AssumedRole { role, session, .. } => {
                format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
            }
            Principal::Service(name) => (*name).to_owned(),
            Principal::Anonymous => "anonymous".to_owned(),
        }
    }
}

/// How a request was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedBy {
    Header,
    /// A presigned URL.
    Query,
    /// A form's fields.
    Form,
}

/// How a request came, as policies may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Via {
    /// What is asked for, as policies call it: `sqs:SendMessage`.
    pub action: &'static str,
    pub user_agent: Option<String>,
    pub referer: Option<String>,
    /// `None`: not at all.
    pub signed: Option<SignedBy>,
    /// When it was signed, in real time.
    pub signed_at: Option<UnixMillis>,
    /// Nobody on the way could read along.
    pub secure: bool,
}

/// The context of one request: cheap to clone, made by the gateway or by a background task, never by a service.
#[derive(Clone, Debug)]
pub struct Ctx {
    pub identity: Arc<Identity>,
    /// The account whose resources are meant: the caller's, unless an operation says otherwise.
    pub account: AccountId,
    pub region: Region,
    pub request_id: RequestId,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    /// `scheme://host:port` under which the caller reached the platform, for the URLs that answers contain.
    pub endpoint: Arc<str>,
    /// `X-Amzn-Trace-Id`, as the request came with it.
    pub trace: Option<Arc<str>>,
    /// Where the request came from. `None`: from the platform itself.
    pub source_ip: Option<IpAddr>,
    /// How it came. `None`: from the platform itself.
    pub via: Option<Arc<Via>>,
}

impl Ctx {
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// The ARN of a resource of this request's account and region.
    #[must_use]
    pub fn arn(&self, service: &str, resource: impl Into<String>) -> Arn {
        Arn::new(service, &self.region, &self.account, resource)
    }
}
