//! Who may do what with a bus and its rules: its owner's account what the policy doesn't deny, others what it allows (ADR 20).

use updraft_api_events::errors as code;
use updraft_kernel::ports::Sender;
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_policy::{Outcome, Resource, Sending, Side, ask, ask_for};
use updraft_store::Tx;

use crate::model::bus::Bus;
use crate::model::name::{BusId, RuleId};
use crate::model::rule::Rule;
use crate::table;

const PUT: &str = "events:PutEvents";

/// A bus that the caller may use so.
///
/// # Errors
/// If there is no such bus, or the caller may not.
pub(crate) async fn bus(tx: &mut Tx, cx: &Ctx, id: &BusId) -> Result<Bus, AwsError> {
    let bus = table::bus(tx, id).await?;
    check(cx, id, &bus, &id.arn().to_string())?;
    Ok(bus)
}

/// A rule's bus, where the caller may do so with the rule.
///
/// # Errors
/// If there is no such bus, or the caller may not.
pub(crate) async fn bus_of(tx: &mut Tx, cx: &Ctx, id: &RuleId) -> Result<Bus, AwsError> {
    let bus = table::bus(tx, &id.bus).await?;
    check(cx, &id.bus, &bus, &id.arn().to_string())?;
    Ok(bus)
}

/// A rule that the caller may use so.
///
/// # Errors
/// If there is no such rule or bus, or the caller may not.
pub(crate) async fn rule(tx: &mut Tx, cx: &Ctx, id: &RuleId) -> Result<Rule, AwsError> {
    bus_of(tx, cx, id).await?;
    table::rule(tx, id).await
}

/// Whether events may be put there. AWS: the bus needn't be there, where it would be the caller's own.
///
/// # Errors
/// If the caller may not.
pub(crate) async fn check_put(tx: &mut Tx, cx: &Ctx, id: &BusId) -> Result<(), AwsError> {
    match table::bus(tx, id).await {
        Ok(bus) => check(cx, id, &bus, &id.arn().to_string()),
        Err(error) if error.code().status >= 500 => Err(error),
        Err(_) if id.account == cx.identity.account || cx.via.is_none() => Ok(()),
        Err(_) => Err(refused(Outcome::NotAllowed(Side::Resource), (cx_arn(cx), PUT), &id.arn().to_string())),
    }
}

fn check(cx: &Ctx, id: &BusId, bus: &Bus, arn: &str) -> Result<(), AwsError> {
    let Some(via) = &cx.via else { return Ok(()) };
    let own = cx.identity.account == id.account;
    if own && bus.policy.is_none() {
        return Ok(());
    }
    // AWS: an owner can always put right what a policy has locked.
    if own && matches!(via.action, "events:PutPermission" | "events:RemovePermission" | "events:DescribeEventBus") {
        return Ok(());
    }
    let resource = Resource { arn, owner: &id.account, policy: bus.policy.as_deref() };
    match ask(cx, via.action, resource) {
        Outcome::Allowed => Ok(()),
        other => Err(refused(other, (cx_arn(cx), via.action), arn)),
    }
}

/// Whether a service of the platform may put its events there, for what it sends for.
///
/// # Errors
/// If it may not.
pub(crate) fn check_sender(sender: &Sender, (id, bus): (&BusId, &Bus), now: UnixMillis) -> Result<(), AwsError> {
    let arn = id.arn().to_string();
    let resource = Resource { arn: &arn, owner: &id.account, policy: bus.policy.as_deref() };
    // AWS: what is an account's own comes to its buses without a word.
    let how = Sending { region: &id.region, now, strict: false };
    match ask_for(sender, PUT, resource, how) {
        Outcome::Allowed => Ok(()),
        other => {
            let who = sender.identity().map_or(sender.service.to_owned(), |who| who.arn(id.region.partition()));
            Err(refused(other, (who, PUT), &arn))
        }
    }
}

fn cx_arn(cx: &Ctx) -> String {
    cx.identity.arn(cx.region.partition())
}

fn refused(outcome: Outcome, (who, action): (String, &str), arn: &str) -> AwsError {
    let why = match outcome {
        Outcome::Denied(_) => "with an explicit deny in a resource-based policy".to_owned(),
        _ => format!("because no resource-based policy allows the {action} action"),
    };
    let message = format!("User: {who} is not authorized to perform: {action} on resource: {arn} {why}");
    AwsError::new(&code::ACCESS_DENIED_EXCEPTION, message)
}
