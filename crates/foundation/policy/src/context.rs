//! What is known of a request beside who, what and on which resource: the values of condition keys.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use updraft_kernel::{Ctx, Identity, Principal, Region, UnixMillis};

/// Values by key. Keys are the same in large and small letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<String, Vec<String>>,
}

/// What every request has, whatever it is for.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub identity: &'a Identity,
    pub region: &'a Region,
    pub now: UnixMillis,
    /// `None`: the platform itself.
    pub source_ip: Option<IpAddr>,
    /// Nobody on the way could read along.
    pub secure: bool,
    pub user_agent: Option<&'a str>,
    pub referer: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Of what the platform asks of itself, for `identity`.
    #[must_use]
    pub const fn within(identity: &'a Identity, region: &'a Region, now: UnixMillis) -> Self {
        Self { identity, region, now, source_ip: None, secure: true, user_agent: None, referer: None }
    }
}

impl Context {
    /// The keys that every request has.
    #[must_use]
    pub fn of(facts: Facts<'_>) -> Self {
        let mut context = Self::default();
        context.set_principal(facts.identity, facts.region.partition());
        context.put("aws:RequestedRegion", facts.region.as_str());
        context.put("aws:SecureTransport", facts.secure.to_string());
        context.put("aws:EpochTime", facts.now.0.div_euclid(1000).to_string());
        if let Ok(now) = Timestamp::from_millisecond(facts.now.0) {
            context.put("aws:CurrentTime", now.to_string());
        }
        if let Some(ip) = facts.source_ip {
            context.put("aws:SourceIp", ip.to_canonical().to_string());
        }
        for (key, value) in [("aws:UserAgent", facts.user_agent), ("aws:Referer", facts.referer)] {
            if let Some(value) = value {
                context.put(key, value);
            }
        }
        context
    }

    /// The keys of a request as the platform knows it.
    #[must_use]
    pub fn of_request(cx: &Ctx) -> Self {
        let via = cx.via.as_deref();
        Self::of(Facts {
            identity: &cx.identity,
            region: &cx.region,
            now: cx.now(),
            source_ip: cx.source_ip,
            secure: via.is_none_or(|via| via.secure),
            user_agent: via.and_then(|via| via.user_agent.as_deref()),
            referer: via.and_then(|via| via.referer.as_deref()),
        })
    }

    fn set_principal(&mut self, identity: &Identity, partition: &str) {
        let account = identity.account.as_str();
        let service = matches!(identity.principal, Principal::Service(_));
        self.put("aws:PrincipalIsAWSService", service.to_string());
        self.put("aws:ViaAWSService", "false");
        let (kind, id) = match &identity.principal {
            Principal::Root => ("Account", account.to_owned()),
            Principal::User { name, id } => {
                self.put("aws:username", name.as_str());
                ("User", id.clone())
            }
            Principal::AssumedRole { role_id, session, .. } => ("AssumedRole", format!("{role_id}:{session}")),
            Principal::Service(name) => {
                self.put("aws:PrincipalServiceName", *name);
                return;
            }
            Principal::Anonymous => {
                self.put("aws:PrincipalType", "Anonymous");
                self.put("aws:userid", "anonymous");
                return;
            }
        };
        self.put("aws:PrincipalType", kind);
        self.put("aws:userid", id);
        self.put("aws:PrincipalAccount", account);
        self.put("aws:PrincipalArn", principal_arn(identity, partition));
    }

    /// Sets a key's only value.
    pub fn put(&mut self, key: &str, value: impl Into<String>) {
        self.values.insert(key.to_ascii_lowercase(), vec![value.into()]);
    }

    /// Sets a key that may have several values.
    pub fn put_all(&mut self, key: &str, values: Vec<String>) {
        self.values.insert(key.to_ascii_lowercase(), values);
    }

    /// A key's values; `None`: the request hasn't that key. `key` in lower case.
    pub(crate) fn all(&self, key: &str) -> Option<&[String]> {
        self.values.get(key).map(Vec::as_slice)
    }

    /// The value of a key that has one. `key` in lower case.
    pub(crate) fn one(&self, key: &str) -> Option<&str> {
        match self.all(key)? {
            [one] => Some(one),
            _ => None,
        }
    }
}

/// AWS: of a session this is its role.
fn principal_arn(identity: &Identity, partition: &str) -> String {
    match &identity.principal {
        Principal::AssumedRole { role, .. } => format!("arn:{partition}:iam::{}:role/{role}", identity.account),
        _ => identity.arn(partition),
    }
}
