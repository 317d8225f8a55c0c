//! Whom a statement is about.

use serde_json::Value;
use updraft_kernel::{AccountId, Arn, Identity, Principal as Caller};

use crate::document::Malformed;

/// One whom a statement names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// `*`.
    Anybody,
    /// An account, and all that are in it.
    Account(AccountId),
    /// A user, a role, or a role's session.
    Arn(String),
    /// What stands in a policy for a user or a role that was deleted: `AIDA…`, `AROA…`.
    UniqueId(String),
    /// `sns.amazonaws.com`.
    Service(String),
    /// Who was let in by somebody else. Nobody is, here: it names no one.
    Federated(String),
    /// An account by its canonical id.
    CanonicalUser(String),
}

/// `Principal`, `NotPrincipal`, or neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// Whoever the policy is attached to.
    Unsaid,
    These(Vec<Principal>),
    AllBut(Vec<Principal>),
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    pub identity: &'a Identity,
    /// `aws`.
    pub partition: &'a str,
    /// The canonical id of the caller's account, where the service knows such.
    pub canonical: Option<&'a str>,
}

impl Principals {
    pub(crate) fn parse(value: &Value) -> Result<Vec<Principal>, Malformed> {
        match value {
            Value::String(text) if text == "*" => Ok(vec![Principal::Anybody]),
            Value::Object(kinds) if !kinds.is_empty() => {
                let mut out = Vec::new();
                for (kind, names) in kinds {
                    for name in texts(names).ok_or(Malformed::Principal)? {
                        out.push(Principal::parse(kind, name).ok_or(Malformed::Principal)?);
                    }
                }
                Ok(out)
            }
            _ => Err(Malformed::Principal),
        }
    }

    pub(crate) fn match_who(&self, who: Who<'_>) -> bool {
        match self {
            Self::Unsaid => true,
            Self::These(named) => named.iter().any(|one| one.names(who)),
            Self::AllBut(named) => !is_left_out(named, who),
        }
    }

    /// Those that are named, by either.
    #[must_use]
    pub fn named(&self) -> &[Principal] {
        match self {
            Self::Unsaid => &[],
            Self::These(named) | Self::AllBut(named) => named,
        }
    }
}

/// AWS: a session is left out by `NotPrincipal` only where its role and its account are named too, a user only where
/// its account is.
fn is_left_out(named: &[Principal], who: Who<'_>) -> bool {
    let has = |test: &dyn Fn(&Principal) -> bool| named.iter().any(|one| *one == Principal::Anybody || test(one));
    let account = has(&|one| one.is_account_of(who));
    match &who.identity.principal {
        Caller::Root => account,
        Caller::User { .. } => account && has(&|one| one.is_self(who)),
        Caller::AssumedRole { .. } => account && has(&|one| one.is_role_of(who)) && has(&|one| one.is_self(who)),
        Caller::Service(_) | Caller::Anonymous => has(&|one| one.is_self(who)),
    }
}

impl Principal {
    fn parse(kind: &str, name: &str) -> Option<Self> {
        match kind {
            "AWS" => Self::of_aws(name),
            "Service" => Some(Self::Service(name.to_owned())),
            "Federated" => Some(Self::Federated(name.to_owned())),
            "CanonicalUser" => Some(Self::CanonicalUser(name.to_owned())),
            _ => None,
        }
    }

    fn of_aws(name: &str) -> Option<Self> {
        if name == "*" {
            return Some(Self::Anybody);
        }
        if let Ok(account) = AccountId::parse(name) {
            return Some(Self::Account(account));
        }
        let unique = |kind: &str| name.starts_with(kind) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if unique("AIDA") || unique("AROA") {
            return Some(Self::UniqueId(name.to_owned()));
        }
        let arn = Arn::parse(name).ok()?;
        let account = AccountId::parse(&arn.account).ok();
        match (arn.service.as_str(), arn.resource.as_str(), account) {
            ("iam", "root", Some(account)) => Some(Self::Account(account)),
            // AWS: no principal's ARN has wildcards.
            ("iam" | "sts", resource, Some(_)) if !resource.contains(['*', '?']) => Some(Self::Arn(name.to_owned())),
            ("iam", resource, None) if resource.starts_with("cloudfront:user/") => Some(Self::Arn(name.to_owned())),
            _ => None,
        }
    }

    fn names(&self, who: Who<'_>) -> bool {
        *self == Self::Anybody || self.is_account_of(who) || self.is_self(who) || self.is_role_of(who)
    }

    /// The account of somebody who is in one.
    fn is_account_of(&self, who: Who<'_>) -> bool {
        let outside = matches!(who.identity.principal, Caller::Service(_) | Caller::Anonymous);
        match self {
            _ if outside => false,
            Self::Account(account) => *account == who.identity.account,
            Self::CanonicalUser(id) => who.canonical == Some(id.as_str()),
            _ => false,
        }
    }

    fn is_role_of(&self, who: Who<'_>) -> bool {
        let Caller::AssumedRole { role, role_id, .. } = &who.identity.principal else { return false };
        match self {
            Self::UniqueId(id) => id == role_id,
            Self::Arn(arn) => Arn::parse(arn).is_ok_and(|arn| {
                let named = arn.resource.strip_prefix("role/").is_some_and(|name| is_same_name(name, role));
                arn.service == "iam" && arn.account == who.identity.account.as_str() && named
            }),
            _ => false,
        }
    }

    fn is_self(&self, who: Who<'_>) -> bool {
        match (self, &who.identity.principal) {
            (Self::Service(name), Caller::Service(caller)) => name == caller,
            (Self::UniqueId(id), Caller::User { id: of, .. }) => id == of,
            (Self::Arn(arn), Caller::User { .. } | Caller::AssumedRole { .. }) => {
                *arn == who.identity.arn(who.partition)
            }
            _ => false,
        }
    }
}

/// Names of roles are unique in an account, whatever path stands before them.
fn is_same_name(one: &str, other: &str) -> bool {
    one.rsplit('/').next() == other.rsplit('/').next()
}

/// A text, or a list of them; `None`: something else.
pub(crate) fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
