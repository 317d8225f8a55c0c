//! Where the records of asynchronous calls, and dead letters, may go. Pure.

use updraft_api_lambda::types::DestinationConfig;
use updraft_kernel::{Arn, AwsError};

use super::name::{FunctionId, Target};
use crate::errors::invalid_parameter;

/// AWS: whose ARNs are taken; of buckets only what failed.
const SUCCESS: &[&str] = &["sqs", "sns", "lambda", "events"];
const FAILURE: &[&str] = &["sqs", "sns", "lambda", "events", "s3"];
const DEAD_LETTERS: &[&str] = &["sqs", "sns"];

/// ARNs, of a form and a service that can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Destinations {
    pub(crate) on_success: Option<Arn>,
    pub(crate) on_failure: Option<Arn>,
}

impl Destinations {
    /// Of a function's settings. An empty text is none.
    ///
    /// # Errors
    /// In AWS's words.
    pub(crate) fn parse(id: &FunctionId, config: &DestinationConfig) -> Result<Self, AwsError> {
        let success = config.on_success.as_ref().and_then(|to| to.destination.as_deref());
        let failure = config.on_failure.as_ref().and_then(|to| to.destination.as_deref());
        let refused = || invalid_parameter(format!("The provided destination config {} is invalid.", shown(config)));
        let on_success = named(success, SUCCESS).map_err(|()| refused())?;
        let on_failure = named(failure, FAILURE).map_err(|()| refused())?;
        let itself = |arn: &Arn| Target::of_arn(arn).is_some_and(|target| target.id == *id);
        if on_success.iter().chain(&on_failure).any(itself) {
            return Err(invalid_parameter("You can't specify the function as a destination for itself."));
        }
        Ok(Self { on_success, on_failure })
    }
}

fn named(text: Option<&str>, services: &[&str]) -> Result<Option<Arn>, ()> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let arn = Arn::parse(text).map_err(|_| ())?;
    if services.contains(&arn.service.as_str()) { Ok(Some(arn)) } else { Err(()) }
}

/// AWS: as Java shows it.
fn shown(config: &DestinationConfig) -> String {
    let to = |name: &str, given: Option<Option<&String>>| match given {
        None => "null".to_owned(),
        Some(destination) => format!("{name}(destination={})", destination.map_or("null", String::as_str)),
    };
    let success = to("OnSuccess", config.on_success.as_ref().map(|to| to.destination.as_ref()));
    let failure = to("OnFailure", config.on_failure.as_ref().map(|to| to.destination.as_ref()));
    format!("DestinationConfig(onSuccess={success}, onFailure={failure})")
}

/// Of a function's configuration.
///
/// # Errors
/// If it is no queue's and no topic's.
pub(crate) fn dead_letter_target(text: &str) -> Result<Arn, AwsError> {
    let wrong = |()| invalid_parameter(format!("Invalid dead letter queue ARN: {text} is no SQS queue or SNS topic"));
    let arn = named(Some(text), DEAD_LETTERS).map_err(wrong)?;
    arn.ok_or_else(|| wrong(()))
}

#[cfg(test)]
mod tests {
    use updraft_api_lambda::types::{OnFailure, OnSuccess};
    use updraft_kernel::{AccountId, Region};

    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function";

    fn of(success: Option<&str>, failure: Option<&str>) -> Result<Destinations, String> {
        let id = FunctionId { account: AccountId::local(), region: Region::default_region(), name: "f".into() };
        let config = DestinationConfig {
            on_success: success.map(|to| OnSuccess { destination: Some(to.to_owned()) }),
            on_failure: failure.map(|to| OnFailure { destination: Some(to.to_owned()) }),
        };
        Destinations::parse(&id, &config).map_err(|error| error.message().to_owned())
    }

    /// Recorded: `test_lambda_eventinvokeconfig_exceptions`.
    #[test]
    fn what_takes_no_records_is_refused_in_javas_words() {
        let iam = "arn:aws:iam:us-east-1:000000000000:function:f";
        let text = format!(
            "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination={iam}), onFailure=null) is \
             invalid."
        );
        assert_eq!(of(Some(iam), None), Err(text));
        let bucket = "arn:aws:s3:::b";
        assert!(of(Some(bucket), None).is_err(), "buckets take only what failed");
        assert_eq!(of(None, Some(bucket)).unwrap().on_failure.unwrap().to_string(), bucket);
        assert!(of(None, Some("kafka://topic")).is_err());
    }

    #[test]
    fn a_function_is_no_destination_for_itself_by_any_name() {
        let text = "You can't specify the function as a destination for itself.";
        for itself in ["f", "f:1", "f:$LATEST"] {
            assert_eq!(of(Some(&format!("{FUNCTION}:{itself}")), None), Err(text.to_owned()));
            assert_eq!(of(None, Some(&format!("{FUNCTION}:{itself}"))), Err(text.to_owned()));
        }
        assert!(of(Some(&format!("{FUNCTION}:g")), Some("arn:aws:sqs:us-east-1:000000000000:q")).is_ok());
        assert_eq!(of(Some(""), None), Ok(Destinations::default()));
    }

    #[test]
    fn dead_letters_go_to_queues_and_topics() {
        assert!(dead_letter_target("arn:aws:sqs:us-east-1:000000000000:q").is_ok());
        assert!(dead_letter_target("arn:aws:sns:us-east-1:000000000000:t").is_ok());
        let refused = dead_letter_target(&format!("{FUNCTION}:g")).unwrap_err();
        assert!(refused.message().starts_with("Invalid dead letter queue ARN: "), "{refused}");
    }
}
