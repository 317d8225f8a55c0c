//! What executions write to CloudWatch Logs.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use updraft_api_states::types::{LogLevel, LoggingConfiguration};
use updraft_asl::run::Event;
use updraft_kernel::{AccountId, Arn, Region, UnixMillis};

use super::name::MachineId;

/// Where to, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logging {
    pub(crate) group: Group,
    pub(crate) level: LogLevel,
    /// With what states are given and give.
    pub(crate) data: bool,
}

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl Group {
    /// `None`: it isn't a log group's ARN. AWS: it ends with `:*`.
    pub(crate) fn of_arn(raw: &str) -> Option<Self> {
        let arn = Arn::parse(raw).ok().filter(|arn| arn.service == "logs")?;
        let name = arn.resource.strip_prefix("log-group:")?;
        let name = name.strip_suffix(":*").unwrap_or(name).to_owned();
        let account = AccountId::parse(&arn.account).ok()?;
        Some(Self { account, region: Region::parse(&arn.region).ok()?, name })
    }
}

impl Logging {
    /// `None`: nothing is logged.
    pub(crate) fn of(given: LoggingConfiguration) -> Option<Self> {
        let level = given.level.filter(|level| *level != LogLevel::Off)?;
        let destination = given.destinations?.into_iter().next()?;
        let group = Group::of_arn(&destination.cloud_watch_logs_log_group?.log_group_arn?)?;
        Some(Self { group, level, data: given.include_execution_data.unwrap_or(false) })
    }

    /// The texts to log, with their times. `of`: the execution's ARN, and how often it was redriven.
    pub(crate) fn records(&self, of: (&str, u32), events: &[Event]) -> Vec<(UnixMillis, String)> {
        let wanted = events.iter().filter(|event| self.takes(&event.name));
        wanted.map(|event| (UnixMillis(event.at), self.record(of, event))).collect()
    }

    fn takes(&self, name: &str) -> bool {
        let failure = ["Failed", "TimedOut", "Aborted"].iter().any(|end| name.ends_with(end));
        match self.level {
            LogLevel::All => true,
            LogLevel::Error => failure || name == "FailStateEntered",
            LogLevel::Fatal => failure && name.starts_with("Execution"),
            _ => false,
        }
    }

    /// AWS: numbers are texts, and details are there even where there are none.
    fn record(&self, (execution, redrives): (&str, u32), event: &Event) -> String {
        let details = event.details.as_ref().and_then(Value::as_object);
        let shown = details.into_iter().flatten().filter(|(name, _)| self.data || !is_data(name));
        let record = json!({
            "id": event.id.to_string(),
            "type": event.name,
            "details": shown.collect::<BTreeMap<_, _>>(),
            "redrive_count": redrives.to_string(),
            "previous_event_id": event.previous.to_string(),
            "event_timestamp": event.at.to_string(),
            "execution_arn": execution,
        });
        record.to_string()
    }
}

/// What states are given and give, and variables.
pub(crate) fn is_data(member: &str) -> bool {
    let plain = member.strip_suffix("Details").unwrap_or(member);
    matches!(plain, "input" | "output" | "parameters" | "assignedVariables")
}

/// The stream that an execution begun at that time writes to: one for each hour.
pub(crate) fn stream(machine: &MachineId, started: UnixMillis) -> String {
    let hour = started.0.div_euclid(3_600_000);
    let at = jiff::Timestamp::from_millisecond(hour * 3_600_000)
        .map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d-%H-%M").to_string());
    let unique = crc32fast::hash(format!("{}/{hour}", machine.arn()).as_bytes());
    format!("states/{}/{at}/{unique:08x}", machine.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logging(level: LogLevel, data: bool) -> Logging {
        let group = Group::of_arn("arn:aws:logs:us-east-1:000000000000:log-group:/aws/g:*").unwrap();
        Logging { group, level, data }
    }

    fn event(name: &str) -> Event {
        let details = Some(json!({"name": "S", "input": "{}", "inputDetails": {"truncated": false}}));
        Event { id: 2, previous: 1, at: 5, name: name.into(), details }
    }

    #[test]
    fn levels_take_what_aws_has_for_them() {
        let names = ["ExecutionStarted", "TaskFailed", "FailStateEntered", "ExecutionTimedOut", "PassStateExited"];
        let events = names.map(event);
        let count = |level| logging(level, false).records(("e", 0), &events).len();
        assert_eq!([LogLevel::All, LogLevel::Error, LogLevel::Fatal, LogLevel::Off].map(count), [5, 3, 1, 0]);
    }

    #[test]
    fn what_is_given_is_left_out_unless_it_is_wanted() {
        let one = |data| logging(LogLevel::All, data).records(("e", 0), &[event("PassStateEntered")]).remove(0).1;
        let read = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let expected = json!({
            "id": "2", "type": "PassStateEntered", "details": {"name": "S"}, "redrive_count": "0",
            "previous_event_id": "1", "event_timestamp": "5", "execution_arn": "e",
        });
        assert_eq!(read(one(false)), expected);
        assert_eq!(read(one(true))["details"], event("").details.unwrap());
        let nothing = Event { details: None, ..event("ExecutionSucceeded") };
        assert_eq!(read(logging(LogLevel::All, true).records(("e", 0), &[nothing]).remove(0).1)["details"], json!({}));
    }

    #[test]
    fn streams_are_of_an_hour() {
        let machine = MachineId { account: AccountId::local(), region: Region::default_region(), name: "m".into() };
        let at = |minute: i64| stream(&machine, UnixMillis(1_898_596_800_000 + minute * 60_000));
        assert!(at(0).starts_with("states/m/2030-03-01-12-00/"), "{}", at(0));
        assert_eq!(at(0), at(59));
        assert_ne!(at(59), at(60));
    }
}
