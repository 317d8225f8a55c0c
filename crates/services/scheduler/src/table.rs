//! Typed reads and writes over a transaction.

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use crate::errors::{group_is_going, no_such_group, no_such_schedule};
use crate::keys::{GroupKey, ScheduleKey};
use crate::model::group::Group;
use crate::model::name::{GroupId, ScheduleId};
use crate::model::schedule::Schedule;

/// AWS: the default group is there without having been made.
///
/// # Errors
/// If there is no such group.
pub(crate) async fn group(tx: &mut Tx, id: &GroupId) -> Result<Group, AwsError> {
    match tx.row(&GroupKey(id)).await? {
        Some(group) => Ok(group),
        None if id.is_default() => Ok(Group::new(UnixMillis(0))),
        None => Err(no_such_group(&id.name)),
    }
}

/// # Errors
/// If there is no such group, or nothing may be put into it any more.
pub(crate) async fn open_group(tx: &mut Tx, id: &GroupId) -> Result<(), AwsError> {
    if group(tx, id).await?.going { Err(group_is_going(&id.name)) } else { Ok(()) }
}

/// # Errors
/// If there is no such schedule.
pub(crate) async fn schedule(tx: &mut Tx, id: &ScheduleId) -> Result<Schedule, AwsError> {
    tx.row(&ScheduleKey(id)).await?.ok_or_else(|| no_such_schedule(&id.name))
}
