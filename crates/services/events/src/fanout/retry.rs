//! Later attempts: one event, for one target.

use std::time::Duration;

use updraft_delivery::{Attempt, Delivery, RetryPolicy, Verdict};
use updraft_kernel::AwsError;
use updraft_store::encode_row;

use super::{DEAD, RETRY, until_done};
use crate::EventBridge;
use crate::measure::{self, Tally};
use crate::model::parcel::{Blame, Parcel, Shipment};
use crate::model::target::{dead_letters, patience, retries};
use crate::send::{self, Trouble};

/// Before what wasn't taken is tried again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

impl EventBridge {
    pub(super) async fn hand_again(&self, parcel: &Parcel, attempt: Attempt) -> Result<Verdict, AwsError> {
        let now = self.parts.clock.now();
        if attempt.number == 1 && attempt.busy == 0 {
            let after = parcel.not_before.map_or(FIRST_PAUSE, |at| at.since(now));
            return Ok(Verdict::Busy { reason: "the first retry waits".to_owned(), after });
        }
        let shipment = Shipment::unpacked(parcel)?;
        // Where it was too early for a first time, this is it.
        let again = attempt.number - u32::from(parcel.blame.is_none());
        if now.since(shipment.event.ingested) > patience(&shipment.target) {
            let blame = parcel.blame.clone().unwrap_or_else(|| blame(&no_place(), None, 0));
            let exhausted = Some("MaximumEventAgeInSeconds".to_owned());
            return given_up(self, &shipment, Blame { exhausted, retries: again.saturating_sub(1), ..blame });
        }
        let sent = send::all(self, std::slice::from_ref(&shipment)).await.into_iter().next();
        let tally = Tally { attempts: 1, retries: u32::from(again > 0), ..Tally::default() };
        match sent.unwrap_or_else(|| Err(Trouble::internal())) {
            Ok(()) => {
                measure::sent(self, &shipment.rule, Tally { delivered: 1, ..tally });
                Ok(Verdict::Done)
            }
            Err(trouble) if trouble.early => {
                Ok(Verdict::Busy { reason: trouble.to_string(), after: trouble.after.unwrap_or(FIRST_PAUSE) })
            }
            Err(trouble) => {
                measure::sent(self, &shipment.rule, tally);
                self.failed_again(&shipment, trouble, (again, attempt.number))
            }
        }
    }

    fn failed_again(
        &self,
        shipment: &Shipment,
        trouble: Trouble,
        (again, number): (u32, u32),
    ) -> Result<Verdict, AwsError> {
        if trouble.again && again < retries(&shipment.target) {
            let pause = policy().backoff.pause(number, 0);
            return Ok(Verdict::Retry {
                reason: trouble.to_string(),
                after: trouble.after.map(|after| after.max(pause)),
            });
        }
        let exhausted = trouble.again.then_some("MaximumRetryAttempts");
        given_up(self, shipment, blame(&trouble, exhausted, again))
    }
}

/// What follows from a first attempt that failed.
///
/// # Errors
/// If it can't be encoded.
pub(super) fn first(svc: &EventBridge, shipment: &Shipment, trouble: Trouble) -> Result<Option<Delivery>, AwsError> {
    let now = svc.parts.clock.now();
    if trouble.early {
        let parcel = shipment.packed(None, trouble.after.map(|after| now.plus(after)));
        return Ok(Some(delivery(shipment, &parcel, RETRY)?));
    }
    if trouble.again && retries(&shipment.target) > 0 {
        let pause = trouble.after.map_or(FIRST_PAUSE, |after| after.max(FIRST_PAUSE));
        let parcel = shipment.packed(Some(blame(&trouble, None, 0)), Some(now.plus(pause)));
        return Ok(Some(delivery(shipment, &parcel, RETRY)?));
    }
    let exhausted = trouble.again.then_some("MaximumRetryAttempts");
    dead(svc, shipment, blame(&trouble, exhausted, 0))
}

fn policy() -> RetryPolicy {
    until_done(FIRST_PAUSE, LONGEST_PAUSE)
}

fn no_place() -> Trouble {
    Trouble::later("THROTTLING", "There was no place for it among the calls.")
}

fn blame(trouble: &Trouble, exhausted: Option<&str>, retries: u32) -> Blame {
    Blame {
        code: trouble.code.to_owned(),
        message: trouble.message.clone(),
        exhausted: exhausted.map(str::to_owned),
        retries,
    }
}

fn given_up(svc: &EventBridge, shipment: &Shipment, blame: Blame) -> Result<Verdict, AwsError> {
    Ok(dead(svc, shipment, blame)?.map_or(Verdict::Done, |letter| Verdict::Then(vec![letter])))
}

/// Its way to the dead letters, if there are any.
fn dead(svc: &EventBridge, shipment: &Shipment, blame: Blame) -> Result<Option<Delivery>, AwsError> {
    let (rule, target, code) = (shipment.rule.arn(), &shipment.arn, &blame.code);
    tracing::warn!(%rule, %target, code, reason = blame.message, "an event was not delivered");
    measure::sent(svc, &shipment.rule, Tally { failed: 1, ..Tally::default() });
    if dead_letters(&shipment.target).is_none() {
        return Ok(None);
    }
    Ok(Some(delivery(shipment, &shipment.packed(Some(blame), None), DEAD)?))
}

fn delivery(shipment: &Shipment, parcel: &Parcel, kind: &str) -> Result<Delivery, AwsError> {
    Ok(Delivery {
        id: format!("{kind}/{}", shipment.id()),
        kind: kind.to_owned(),
        target: shipment.arn.to_string(),
        ordering_key: None,
        payload: encode_row(parcel)?.to_vec(),
        policy: policy(),
        dead_letter: None,
        failure: None,
        dedup_for: None,
    })
}
