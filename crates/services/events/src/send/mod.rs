//! Sending to one target: a file for each kind of thing that has a way of its own, and the platform's common way for
//! everything else.

mod bus;
mod lambda;
mod logs;
mod other;
mod server;
pub(crate) mod sqs;

use std::fmt;
use std::time::Duration;

use updraft_kernel::AwsError;
use updraft_kernel::ports::{Again, CallFailure};

use crate::EventBridge;
use crate::model::parcel::{SERVICE, Shipment};
use crate::model::target;
use crate::model::transform::Through;

/// Why a target didn't take something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// One of AWS's codes for dead letters.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// It may be taken later.
    pub(crate) again: bool,
    /// Not before that.
    pub(crate) after: Option<Duration>,
    /// It was too early, which is no attempt.
    pub(crate) early: bool,
}

pub(crate) type Sent = Result<(), Trouble>;

impl Trouble {
    /// For good.
    pub(crate) fn never(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), again: false, after: None, early: false }
    }

    pub(crate) fn later(code: &'static str, message: impl Into<String>) -> Self {
        Self { again: true, ..Self::never(code, message) }
    }

    pub(crate) fn early(message: impl Into<String>, after: Duration) -> Self {
        Self { after: Some(after), early: true, ..Self::later("THROTTLING", message) }
    }

    pub(crate) fn internal() -> Self {
        Self::later("INTERNAL_ERROR", "there was no answer")
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl From<AwsError> for Trouble {
    fn from(error: AwsError) -> Self {
        let (name, status) = (error.code().name, error.code().status);
        let code = match status {
            429 => "THROTTLING",
            500.. => "ERROR_FROM_TARGET",
            403 => "NO_PERMISSIONS",
            404 => "NO_RESOURCE",
            _ if name.contains("NotFound") || name.contains("DoesNotExist") || name.contains("NonExistent") => {
                "NO_RESOURCE"
            }
            _ if name.contains("AccessDenied") => "NO_PERMISSIONS",
            _ => "SDK_CLIENT_ERROR",
        };
        Self { again: matches!(status, 429 | 500..), ..Self::never(code, format!("{name}: {}", error.message())) }
    }
}

impl From<CallFailure> for Trouble {
    fn from(failure: CallFailure) -> Self {
        let CallFailure { code, message, again } = failure;
        match again {
            Again::Never => Self::never(code, message),
            Again::Later(after) => Self { after, ..Self::later(code, message) },
            Again::Early(after) => Self::early(message, after),
        }
    }
}

impl From<Trouble> for CallFailure {
    fn from(trouble: Trouble) -> Self {
        let Trouble { code, message, again, after, early } = trouble;
        let again = match after {
            Some(after) if early => Again::Early(after),
            after if again => Again::Later(after),
            _ => Again::Never,
        };
        Self { code, message, again }
    }
}

/// All are for one target of one rule: one result for each.
pub(crate) async fn all(svc: &EventBridge, shipments: &[Shipment]) -> Vec<Sent> {
    let bodies: Vec<_> = shipments.iter().map(body).collect();
    if shipments.first().is_some_and(|first| first.arn.service == "sqs") {
        return sqs::send(svc, shipments, bodies).await;
    }
    let mut results = Vec::with_capacity(shipments.len());
    for (shipment, body) in shipments.iter().zip(bodies) {
        results.push(match body {
            Ok(body) => one(svc, shipment, body).await,
            Err(trouble) => Err(trouble),
        });
    }
    results
}

async fn one(svc: &EventBridge, shipment: &Shipment, body: String) -> Sent {
    match shipment.arn.service.as_str() {
        "lambda" => lambda::send(svc, shipment, body).await,
        "logs" => logs::send(svc, shipment, &body),
        "events" if shipment.arn.resource.starts_with("event-bus/") => bus::send(svc, shipment, &body).await,
        "events" if shipment.arn.resource.starts_with("api-destination/") => server::send(svc, shipment, body).await,
        "execute-api" => server::send(svc, shipment, body).await,
        _ => other::send(svc, shipment, body).await,
    }
}

fn body(shipment: &Shipment) -> Result<String, Trouble> {
    let (arn, name) = (shipment.rule.arn().to_string(), shipment.rule.name.as_str());
    let input = target::input(&shipment.target, &shipment.event, Through { arn: &arn, name });
    input.ok_or_else(|| Trouble::never("INVALID_JSON", "What the input template makes of the event is not JSON."))
}
