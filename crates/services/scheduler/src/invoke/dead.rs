//! Occurrences that were given up: counted, and put into the target's queue for dead letters, if it has one.

use std::collections::BTreeMap;

use updraft_api_scheduler::types::Target;
use updraft_delivery::{Failure, Verdict};
use updraft_kernel::ports::{AttributeContent, QueueAttribute, QueueMessage};
use updraft_kernel::{Arn, AwsError};

use super::call::sender;
use super::{input, may_go_well_later};
use crate::model::occasion::{Occasion, written};
use crate::model::target::{self, Kind};
use crate::{Scheduler, measure};

impl Scheduler {
    pub(super) async fn bury(&self, occasion: &Occasion, failure: Option<&Failure>) -> Verdict {
        match self.send_to_queue(occasion, failure).await {
            Ok(None) => {}
            Ok(Some(())) => measure::buried(self, occasion, true),
            Err(error) if may_go_well_later(&error) => {
                return Verdict::Retry { reason: error.to_string(), after: None };
            }
            Err(error) => {
                tracing::warn!(schedule = occasion.name, reason = %error, "a dead letter of a schedule was not taken");
                measure::buried(self, occasion, false);
            }
        }
        measure::dropped(self, occasion);
        Verdict::Done
    }

    /// `None`: there is no such queue for it.
    async fn send_to_queue(&self, occasion: &Occasion, failure: Option<&Failure>) -> Result<Option<()>, AwsError> {
        let target = target::read(&occasion.target)?;
        let Some(queue) = target::dead_letters(&target).and_then(|arn| Arn::parse(arn).ok()) else { return Ok(None) };
        let attempts = failure.map_or(1, |failure| failure.attempts.max(1));
        let kind = Arn::parse(&target.arn).ok().and_then(|arn| Kind::of(&arn));
        let body = kind.map(|kind| input::of(occasion, &kind, &target, attempts)).unwrap_or_default();
        let message = QueueMessage {
            id: occasion.id.clone(),
            body: body.into(),
            attributes: attributes(occasion, &target, failure),
            group: None,
            deduplication: None,
            trace: None,
        };
        let sender = sender(occasion, &target);
        let results = self.parts.queues.send(&queue, &sender, vec![message]).await?;
        results.into_iter().collect::<Result<(), AwsError>>().map(Some)
    }
}

/// As AWS's page on dead letters of schedules lists them.
fn attributes(occasion: &Occasion, target: &Target, failure: Option<&Failure>) -> BTreeMap<String, QueueAttribute> {
    let reason = failure.map(|failure| failure.reason.as_str()).unwrap_or_default();
    let (code, message) = reason.split_once(": ").unwrap_or(("InternalServerException", reason));
    let attempts = failure.map_or(0, |failure| failure.attempts);
    let mut said = vec![
        ("ERROR_CODE", code.to_owned()),
        ("ERROR_MESSAGE", message.to_owned()),
        ("EXECUTION_ID", occasion.execution.clone()),
        ("IS_PAYLOAD_TRUNCATED", "false".to_owned()),
        ("RETRY_ATTEMPTS", attempts.saturating_sub(1).to_string()),
        ("SCHEDULED_TIME", written(occasion.scheduled)),
        ("SCHEDULE_ARN", occasion.schedule().arn().to_string()),
        ("TARGET_ARN", target.arn.clone()),
    ];
    said.extend(exhausted(target, attempts).map(|which| ("EXHAUSTED_RETRY_CONDITION", which.to_owned())));
    said.into_iter().filter(|(_, value)| !value.is_empty()).map(attribute).collect()
}

/// Which limit ended it. What was given up with fewer attempts than it had ran out of time, unless it was hopeless at once.
fn exhausted(target: &Target, attempts: u32) -> Option<&'static str> {
    match attempts {
        all if all >= target::patience(target).0 => Some("MaximumRetryAttempts"),
        0 | 1 => None,
        _ => Some("MaximumEventAgeInSeconds"),
    }
}

fn attribute((name, value): (&'static str, String)) -> (String, QueueAttribute) {
    (name.to_owned(), QueueAttribute { data_type: "String".to_owned(), content: AttributeContent::Text(value) })
}
