//! What groups and schedules are known by. Their characters have been checked by the model.

use updraft_kernel::{AccountId, Arn, Ctx, Region};

use crate::errors::invalid;

/// The group that is always there.
pub(crate) const DEFAULT: &str = "default";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl GroupId {
    /// Of the request's account and region; the default one where none is named.
    pub(crate) fn of(cx: &Ctx, name: Option<String>) -> Self {
        let name = name.unwrap_or_else(|| DEFAULT.to_owned());
        Self { account: cx.account.clone(), region: cx.region.clone(), name }
    }

    /// # Errors
    /// If the ARN isn't one of a group of this account and region.
    pub(crate) fn of_arn(cx: &Ctx, raw: &str) -> Result<Self, updraft_kernel::AwsError> {
        let arn = Arn::parse(raw).ok().filter(|arn| arn.service == "scheduler");
        let ours = arn.filter(|arn| arn.account == cx.account.as_str() && arn.region == cx.region.as_str());
        let name = ours.as_ref().and_then(|arn| arn.resource.strip_prefix("schedule-group/"));
        let name = name.ok_or_else(|| invalid("Provided Arn is not in correct format."))?;
        Ok(Self::of(cx, Some(name.to_owned())))
    }

    pub(crate) fn is_default(&self) -> bool {
        self.name == DEFAULT
    }

    pub(crate) fn arn(&self) -> Arn {
        Arn::new("scheduler", &self.region, &self.account, format!("schedule-group/{}", self.name))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScheduleId {
    pub(crate) group: GroupId,
    pub(crate) name: String,
}

impl ScheduleId {
    pub(crate) fn of(cx: &Ctx, group: Option<String>, name: String) -> Self {
        Self { group: GroupId::of(cx, group), name }
    }

    pub(crate) fn arn(&self) -> Arn {
        let GroupId { account, region, name } = &self.group;
        Arn::new("scheduler", region, account, format!("schedule/{name}/{}", self.name))
    }
}
