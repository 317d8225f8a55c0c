//! Who of the platform sends something somewhere, and what for: what the policies of targets are asked about.

use crate::id::AccountId;
use crate::{Arn, Identity, Principal};

/// A service, and the resource that it sends for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// `sns.amazonaws.com`.
    pub service: &'static str,
    pub source: Arn,
    /// Whom the source belongs to, where its ARN doesn't say.
    account: Option<AccountId>,
    /// The role that the source's owner has given it, as which it acts instead of in its own name.
    role: Option<Arn>,
}

impl Sender {
    #[must_use]
    pub fn new(service: &'static str, source: Arn) -> Self {
        Self { service, source, account: None, role: None }
    }

    /// For a source whose ARN names no account: a bucket.
    #[must_use]
    pub fn of(self, account: AccountId) -> Self {
        Self { account: Some(account), ..self }
    }

    /// Where there is such a role; or the root of an account, for all who are in it. AWS: a schedule, a pipe or a function sends as its role, a topic as its service.
    #[must_use]
    pub fn acting_as(self, role: Option<&str>) -> Self {
        let role = role.and_then(|role| Arn::parse(role).ok()).filter(|role| role.service == "iam");
        Self { role, ..self }
    }

    /// `None`: nothing says whose the source is.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.account.clone().or_else(|| AccountId::parse(&self.source.account).ok())
    }

    /// Whether it sends in the service's own name.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.role.is_none()
    }

    /// Who asks, for the policies of others.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let Some(role) = &self.role else { return Some(Identity::service(self.account()?, self.service)) };
        let account = AccountId::parse(&role.account).ok()?;
        if role.resource == "root" {
            return Some(Identity::root(account));
        }
        let name = role.resource.rsplit('/').next().unwrap_or_default().to_owned();
        let session = self.source.resource.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
        let principal = Principal::AssumedRole { role: name, role_id: String::new(), session };
        Some(Identity { account, principal, access_key_id: String::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks() {
        let arn = |text: &str| Arn::parse(text).unwrap();
        let topic = Sender::new("sns.amazonaws.com", arn("arn:aws:sns:us-east-1:000000000000:t"));
        assert_eq!(topic.identity(), Some(Identity::service(AccountId::local(), "sns.amazonaws.com")));
        let bucket = Sender::new("s3.amazonaws.com", arn("arn:aws:s3:::b"));
        assert_eq!(bucket.identity(), None, "nobody's");
        assert_eq!(bucket.of(AccountId::local()).account(), Some(AccountId::local()));
        let schedule = arn("arn:aws:scheduler:us-east-1:000000000000:schedule/default/s");
        let schedule = Sender::new("scheduler.amazonaws.com", schedule);
        let acting = schedule.clone().acting_as(Some("arn:aws:iam::111111111111:role/path/r"));
        let who = acting.identity().unwrap();
        assert_eq!(who.arn("aws"), "arn:aws:sts::111111111111:assumed-role/r/s");
        assert!(!acting.is_service() && schedule.acting_as(Some("r")).is_service());
    }
}
