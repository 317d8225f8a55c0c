//! Later attempts: one event, for one target.

use std::time::Duration;

use updraft_delivery::{Attempt, Delivery, Verdict};
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
        if attempt.number == 1 && attempt.busy == 0 {
            return Ok(Verdict::Busy { reason: "the first retry waits".to_owned(), after: FIRST_PAUSE });
        }
        let shipment = Shipment::unpacked(parcel)?;
        let target = &shipment.target;
        if self.parts.clock.now().since(shipment.event.ingested) > patience(target) {
            let blame = parcel.blame.clone().unwrap_or_else(|| blame(&Trouble::internal(), None, 0));
            let blame =
                Blame { exhausted: Some("MaximumEventAgeInSeconds".to_owned()), retries: attempt.number - 1, ..blame };
            return given_up(self, &shipment, blame);
        }
        let sent = send::all(self, std::slice::from_ref(&shipment)).await.into_iter().next();
        let tally = Tally { attempts: 1, retries: 1, ..Tally::default() };
        match sent.unwrap_or_else(|| Err(Trouble::internal())) {
            Ok(()) => {
                measure::sent(self, &shipment.rule, Tally { delivered: 1, ..tally });
                Ok(Verdict::Done)
            }
            Err(trouble) => {
                measure::sent(self, &shipment.rule, tally);
                let exhausted = attempt.number >= retries(target);
                if trouble.again && !exhausted {
                    return Ok(Verdict::Retry { reason: trouble.to_string(), after: trouble.after });
                }
                let exhausted = trouble.again.then_some("MaximumRetryAttempts");
                given_up(self, &shipment, blame(&trouble, exhausted, attempt.number))
            }
        }
    }
}

/// What follows from a first attempt that failed.
///
/// # Errors
/// If it can't be encoded.
pub(super) fn first(svc: &EventBridge, shipment: &Shipment, trouble: Trouble) -> Result<Option<Delivery>, AwsError> {
    if trouble.again && retries(&shipment.target) > 0 {
        let policy = until_done(FIRST_PAUSE, LONGEST_PAUSE);
        let parcel = shipment.packed(blame(&trouble, None, 0));
        return Ok(Some(delivery(shipment, &parcel, (RETRY, policy))?));
    }
    let exhausted = trouble.again.then_some("MaximumRetryAttempts");
    dead(svc, shipment, blame(&trouble, exhausted, 0))
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
    let policy = until_done(FIRST_PAUSE, LONGEST_PAUSE);
    Ok(Some(delivery(shipment, &shipment.packed(blame), (DEAD, policy))?))
}

fn delivery(
    shipment: &Shipment,
    parcel: &Parcel,
    (kind, policy): (&str, updraft_delivery::RetryPolicy),
) -> Result<Delivery, AwsError> {
    Ok(Delivery {
        id: format!("{kind}/{}", shipment.id()),
        kind: kind.to_owned(),
        target: shipment.arn.to_string(),
        ordering_key: None,
        payload: encode_row(parcel)?.to_vec(),
        policy,
        dead_letter: None,
        failure: None,
        dedup_for: None,
    })
}
