//! `DurableConfig`: what makes a function durable.

use serde::{Deserialize, Serialize};
use updraft_api_lambda::types::DurableConfig;
use updraft_kernel::AwsError;

use crate::errors::invalid_parameter;

/// AWS: of the two numbers in its documentation this is the one that its tools say (the API reference says 30).
const DEFAULT_RETENTION_DAYS: u32 = 14;

/// How the executions of a version go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Durable {
    /// How long an execution may take altogether, in seconds.
    pub(crate) timeout_secs: u32,
    /// How long one is kept after its end.
    pub(crate) retention_days: u32,
    /// Answered, and nothing is encrypted with it.
    pub(crate) kms_key: Option<String>,
}

impl Durable {
    /// A new function's.
    ///
    /// # Errors
    /// If it says no time limit.
    pub(crate) fn new(asked: &DurableConfig) -> Result<Self, AwsError> {
        let Some(timeout) = asked.execution_timeout else {
            return Err(invalid_parameter(
                "You cannot create a function with a durable configuration without an executionTimeout",
            ));
        };
        let mut durable = Self { timeout_secs: number(timeout), retention_days: DEFAULT_RETENTION_DAYS, kms_key: None };
        durable.apply(asked);
        Ok(durable)
    }

    /// What the request doesn't name stays.
    pub(crate) fn apply(&mut self, asked: &DurableConfig) {
        if let Some(timeout) = asked.execution_timeout {
            self.timeout_secs = number(timeout);
        }
        if let Some(days) = asked.retention_period_in_days {
            self.retention_days = number(days);
        }
        if let Some(key) = &asked.kms_key_arn {
            self.kms_key = Some(key.clone()).filter(|key| !key.is_empty());
        }
    }

    pub(crate) fn shown(&self) -> DurableConfig {
        let integer = |value| i32::try_from(value).unwrap_or(i32::MAX);
        DurableConfig {
            kms_key_arn: self.kms_key.clone(),
            retention_period_in_days: Some(integer(self.retention_days)),
            execution_timeout: Some(integer(self.timeout_secs)),
        }
    }
}

/// What an update makes of a function's configuration.
///
/// # Errors
/// AWS: a function is durable from its making on, or never.
pub(crate) fn updated(before: Option<&mut Durable>, asked: &DurableConfig) -> Result<(), AwsError> {
    let Some(durable) = before else {
        return Err(invalid_parameter(
            "You cannot add a durable configuration to a function that was created without one.",
        ));
    };
    durable.apply(asked);
    Ok(())
}

/// The tables have checked that it isn't negative.
fn number(value: i32) -> u32 {
    value.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(timeout: Option<i32>, days: Option<i32>, key: Option<&str>) -> DurableConfig {
        DurableConfig {
            execution_timeout: timeout,
            retention_period_in_days: days,
            kms_key_arn: key.map(str::to_owned),
        }
    }

    #[test]
    fn the_time_limit_has_no_default_and_the_retention_has() {
        assert!(Durable::new(&asked(None, Some(3), None)).unwrap_err().message().ends_with("an executionTimeout"));
        let durable = Durable::new(&asked(Some(60), None, None)).unwrap();
        assert_eq!((durable.timeout_secs, durable.retention_days, durable.kms_key), (60, 14, None));
    }

    #[test]
    fn an_update_keeps_what_it_doesnt_name_and_makes_nothing_durable() {
        let mut durable = Durable::new(&asked(Some(60), Some(3), Some("arn:aws:kms:x"))).unwrap();
        updated(Some(&mut durable), &asked(None, Some(9), None)).unwrap();
        assert_eq!(durable.shown(), asked(Some(60), Some(9), Some("arn:aws:kms:x")));
        updated(Some(&mut durable), &asked(Some(70), None, Some(""))).unwrap();
        assert_eq!(durable.shown(), asked(Some(70), Some(9), None));
        assert!(updated(None, &asked(Some(60), None, None)).is_err());
    }
}
