//! What was given up: to the target's dead-letter queue, with what went wrong beside it.

use updraft_delivery::Verdict;
use updraft_kernel::AwsError;
use updraft_kernel::ports::{AttributeContent, QueueAttribute, QueueMessage, Sender};

use crate::EventBridge;
use crate::measure::{self, Tally};
use crate::model::parcel::{Parcel, SERVICE, Shipment};
use crate::model::target::dead_letters;
use crate::send::sqs;

/// AWS: attributes may be so long.
const LONGEST: usize = 1024;

impl EventBridge {
    pub(super) async fn bury(&self, parcel: &Parcel) -> Result<Verdict, AwsError> {
        let shipment = Shipment::unpacked(parcel)?;
        let Some(queue) = dead_letters(&shipment.target) else { return Ok(Verdict::Done) };
        let message = letter(parcel, &shipment);
        // AWS: in its own name, whatever role the target has.
        let sender = Sender::new(SERVICE, shipment.rule.arn());
        let sent = sqs::send_to(self, (&queue, &sender), vec![message]).await.into_iter().next();
        let tally = match sent {
            Some(Err(trouble)) if trouble.again => {
                return Ok(Verdict::Retry { reason: trouble.to_string(), after: trouble.after });
            }
            Some(Err(trouble)) => {
                tracing::warn!(%queue, reason = trouble.message, "a dead letter of a rule was not taken");
                Tally { not_buried: 1, ..Tally::default() }
            }
            Some(Ok(())) | None => Tally { buried: 1, ..Tally::default() },
        };
        measure::sent(self, &shipment.rule, tally);
        Ok(Verdict::Done)
    }
}

fn letter(parcel: &Parcel, shipment: &Shipment) -> QueueMessage {
    let blame = parcel.blame.as_ref();
    let said = [
        ("RULE_ARN", Some(shipment.rule.arn().to_string())),
        ("TARGET_ARN", Some(shipment.arn.to_string())),
        ("ERROR_CODE", blame.map(|blame| blame.code.clone())),
        ("ERROR_MESSAGE", blame.map(|blame| cut(&blame.message))),
        ("EXHAUSTED_RETRY_CONDITION", blame.and_then(|blame| blame.exhausted.clone())),
        ("RETRY_ATTEMPTS", blame.map(|blame| blame.retries.to_string())),
    ];
    let attribute = |(name, value): (&str, Option<String>)| {
        let content = AttributeContent::Text(value.filter(|value| !value.is_empty())?);
        Some((name.to_owned(), QueueAttribute { data_type: "String".to_owned(), content }))
    };
    QueueMessage {
        id: shipment.id(),
        body: shipment.event.json().into(),
        attributes: said.into_iter().filter_map(attribute).collect(),
        group: None,
        deduplication: None,
        trace: shipment.event.trace.clone(),
    }
}

fn cut(text: &str) -> String {
    text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().to_owned()
}
