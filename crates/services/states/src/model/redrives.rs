//! What is kept of an execution's redrives, and when there may be one.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use updraft_api_states::types::ExecutionRedriveFilter;
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use super::execution::{Execution, How, LONGEST};

/// An execution that never was redriven has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redrives {
    pub(crate) count: u32,
    /// The last one.
    pub(crate) at: i64,
    /// Client tokens, and when each was used: the last comes last.
    tokens: Vec<(String, i64)>,
}

impl Row for Redrives {
    const VERSION: u8 = 1;
}

/// AWS: so many tokens are known, for so long.
const MOST_TOKENS: usize = 10;
const TOKEN_LIVES: Duration = Duration::from_secs(15 * 60);

/// AWS: so long after its end may an execution be redriven.
pub(crate) const PERIOD: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// AWS: an execution of that many events can't be redriven.
const MOST_EVENTS: u64 = 24_999;

impl Redrives {
    pub(crate) fn date(&self) -> Option<UnixMillis> {
        (self.count > 0).then_some(UnixMillis(self.at))
    }

    pub(crate) const fn kind(&self) -> ExecutionRedriveFilter {
        if self.count > 0 { ExecutionRedriveFilter::Redriven } else { ExecutionRedriveFilter::NotRedriven }
    }

    /// As descriptions tell it; what isn't there is null.
    pub(crate) fn told(&self, refusal: Option<String>) -> [(&'static str, Value); 4] {
        let status = if refusal.is_some() { "NOT_REDRIVABLE" } else { "REDRIVABLE" };
        [
            ("redriveCount", json!(self.count)),
            ("redriveStatus", json!(status)),
            ("redriveDate", json!(self.date().map(|at| at.0))),
            ("redriveStatusReason", json!(refusal)),
        ]
    }

    pub(crate) fn shown(&self) -> i32 {
        i32::try_from(self.count).unwrap_or(i32::MAX)
    }

    /// When the token was used, if that is remembered.
    pub(crate) fn by_token(&self, token: &str, now: UnixMillis) -> Option<UnixMillis> {
        let known = self.tokens.iter().find(|(known, _)| known == token);
        known.map(|(_, at)| UnixMillis(*at)).filter(|at| now <= at.plus(TOKEN_LIVES))
    }

    pub(crate) fn again(mut self, token: Option<String>, now: UnixMillis) -> Self {
        self.tokens.extend(token.map(|token| (token, now.0)));
        let over = self.tokens.len().saturating_sub(MOST_TOKENS);
        self.tokens.drain(..over);
        Self { count: self.count + 1, at: now.0, ..self }
    }
}

/// Why a child of a map run can't be redriven.
pub(crate) const OF_A_MAP: &str = "Execution is a child workflow execution of a Map Run and cannot be redriven";

/// Why what runs or has succeeded can't be redriven.
pub(crate) fn not_unsuccessful(execution: &Execution) -> Option<String> {
    let well = execution.end.as_ref().is_none_or(|end| end.how == How::Succeeded);
    well.then(|| format!("Execution is {} and cannot be redriven", execution.status().as_str()))
}

/// Why the execution can't be redriven. `stands`: where it stood was kept.
pub(crate) fn refusal(execution: &Execution, stands: bool, now: UnixMillis) -> Option<String> {
    let Some(end) = execution.end.as_ref().filter(|end| end.how != How::Succeeded) else {
        return not_unsuccessful(execution);
    };
    let why = if now > end.at.plus(PERIOD) {
        "Execution redrivable period exceeded"
    } else if now > execution.started.plus(LONGEST) {
        "Execution has exceeded the max execution time"
    } else if execution.head.events >= MOST_EVENTS {
        "Execution history event limit exceeded"
    } else if !stands {
        "Execution was started before the launch of RedriveExecution"
    } else {
        return None;
    };
    Some(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_for_a_quarter_of_an_hour_and_ten_of_them() {
        let minutes = |n: i64| UnixMillis(n * 60_000);
        let mut redrives = Redrives::default().again(Some("first".into()), minutes(0));
        assert_eq!(redrives.by_token("first", minutes(15)), Some(minutes(0)));
        assert_eq!(redrives.by_token("first", minutes(16)), None);
        assert_eq!(redrives.by_token("other", minutes(0)), None);
        for n in 0..10 {
            redrives = redrives.again(Some(n.to_string()), minutes(1));
        }
        assert_eq!(redrives.by_token("first", minutes(2)), None);
        assert_eq!((redrives.count, redrives.date()), (11, Some(minutes(1))));
        assert_eq!(redrives.by_token("0", minutes(2)), Some(minutes(1)));
    }
}
