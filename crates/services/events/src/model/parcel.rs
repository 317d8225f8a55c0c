//! One event on its way through one rule to one target.

use serde::{Deserialize, Serialize};
use updraft_api_events::types::Target;
use updraft_kernel::ports::Sender;
use updraft_kernel::{AccountId, Arn, AwsError, Region, UnixMillis};
use updraft_store::Row;

use super::event::{Event, id_of};
use super::name::{BusId, RuleId};
use super::publication::Publication;
use super::target::StoredTarget;

/// Who sends.
pub(crate) const SERVICE: &str = "events.amazonaws.com";

/// Why it wasn't delivered, as dead letters say it. Lies in the outbox, so it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Blame {
    /// Of AWS's: `NO_RESOURCE`.
    pub(crate) code: String,
    pub(crate) message: String,
    /// Which of the retry policy's limits was reached, if that was it.
    pub(crate) exhausted: Option<String>,
    /// How often it was tried again.
    pub(crate) retries: u32,
}

/// As it waits in the outbox: all it needs, whatever becomes of the rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parcel {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) bus: String,
    pub(crate) rule: String,
    pub(crate) endpoint: String,
    pub(crate) forwarded: bool,
    pub(crate) target: StoredTarget,
    pub(crate) event: Event,
    /// What went wrong the last time. `None`: it was too early for a first time.
    pub(crate) blame: Option<Blame>,
    /// It isn't tried again before that.
    pub(crate) not_before: Option<UnixMillis>,
}

impl Row for Parcel {
    const VERSION: u8 = 2;

    /// The first version had no time, which was added as its last part.
    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        const NONE: &[u8] = &[0];
        (version == 1).then(|| postcard::from_bytes(&[body, NONE].concat()).ok()).flatten()
    }
}

/// The same, with the target taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Shipment {
    pub(crate) rule: RuleId,
    pub(crate) endpoint: String,
    pub(crate) forwarded: bool,
    pub(crate) target: Target,
    /// The target's.
    pub(crate) arn: Arn,
    pub(crate) event: Event,
}

impl Shipment {
    /// `None`: the target's ARN can't be read.
    pub(crate) fn new(publication: &Publication, rule: &str, target: &Target, event: &Event) -> Option<Self> {
        Some(Self {
            rule: publication.bus_id().rule(rule),
            endpoint: publication.endpoint.clone(),
            forwarded: publication.forwarded,
            arn: Arn::parse(&target.arn).ok()?,
            target: target.clone(),
            event: event.clone(),
        })
    }

    /// # Errors
    /// If it can't be read.
    pub(crate) fn unpacked(parcel: &Parcel) -> Result<Self, AwsError> {
        let Parcel { account, region, bus, rule, endpoint, forwarded, target, event, .. } = parcel.clone();
        let target = target.read()?;
        Ok(Self {
            rule: BusId { account, region, name: bus }.rule(rule),
            endpoint,
            forwarded,
            arn: Arn::parse(&target.arn).map_err(AwsError::internal)?,
            target,
            event,
        })
    }

    pub(crate) fn packed(&self, blame: Option<Blame>, not_before: Option<UnixMillis>) -> Parcel {
        let BusId { account, region, name } = self.rule.bus.clone();
        Parcel {
            account,
            region,
            bus: name,
            rule: self.rule.name.clone(),
            endpoint: self.endpoint.clone(),
            forwarded: self.forwarded,
            target: StoredTarget::of(self.target.clone()),
            event: self.event.clone(),
            blame,
            not_before,
        }
    }

    /// AWS: the target's role, if it has one, else the service.
    pub(crate) fn sender(&self) -> Sender {
        Sender::new(SERVICE, self.rule.arn()).acting_as(self.target.role_arn.as_deref())
    }

    /// A UUID, the same each time it is sent.
    pub(crate) fn id(&self) -> String {
        let replay = self.event.replay.as_deref().unwrap_or_default();
        id_of(&self.event.id, &format!("{}/{}/{replay}", self.rule.arn(), self.target.id))
    }
}
