//! All events of an execution, without the data that they carry; those are fetched for the few that are looked at.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::event::Event;
use crate::api::{Api, Trouble, list};

/// Events that are fetched at once. Data come by whole pages, so these are small.
const PAGE: usize = 250;

#[derive(Debug)]
pub(crate) struct History {
    execution: String,
    pub(crate) events: Vec<Event>,
    /// Where the pages begin, from the second on.
    tokens: Vec<Value>,
}

impl History {
    pub(crate) async fn fetch(api: &Api, execution: &str) -> Result<Self, Trouble> {
        let mut history = Self { execution: execution.to_owned(), events: Vec::new(), tokens: Vec::new() };
        loop {
            let said = history.page(api, history.tokens.len(), false).await?;
            history.events.extend(list(&said, "Events").iter().map(Event::read));
            match said.get("NextToken").filter(|token| token.is_string()) {
                Some(token) => history.tokens.push(token.clone()),
                None => return Ok(history),
            }
        }
    }

    /// `data`: with what states are given and give.
    async fn page(&self, api: &Api, number: usize, data: bool) -> Result<Value, Trouble> {
        let token = number.checked_sub(1).and_then(|before| self.tokens.get(before));
        let input = json!({
            "ExecutionArn": self.execution, "MaxResults": PAGE, "NextToken": token, "IncludeExecutionData": data,
        });
        api.sfn("GetExecutionHistory", input).await
    }

    /// These events as they are, with all that they carry.
    pub(crate) async fn whole(&self, api: &Api, ids: &[u64]) -> Result<HashMap<u64, Value>, Trouble> {
        let numbers = |id: &u64| usize::try_from(id.saturating_sub(1)).ok().map(|before| before / PAGE);
        let mut pages: Vec<usize> = ids.iter().filter_map(numbers).collect();
        pages.sort_unstable();
        pages.dedup();
        let mut found = HashMap::new();
        for number in pages.into_iter().filter(|number| *number <= self.tokens.len()) {
            let said = self.page(api, number, true).await?;
            for event in list(&said, "Events") {
                let id = event.get("Id").and_then(Value::as_u64).unwrap_or(0);
                if ids.contains(&id) {
                    found.insert(id, event.clone());
                }
            }
        }
        Ok(found)
    }
}
