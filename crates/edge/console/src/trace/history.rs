//! All events of an execution, without the data that they carry; those are fetched for the few that are looked at.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::event::Event;
use crate::api::{Api, Trouble, list};

/// Events that are fetched at once. Data come by whole pages, so these are small.
pub(super) const PAGE: usize = 250;

#[derive(Clone, Debug)]
pub(crate) struct History {
    execution: String,
    pub(crate) events: Vec<Event>,
    /// Where the pages begin, from the second on.
    tokens: Vec<Value>,
}

impl History {
    /// Of which nothing has been read.
    pub(super) fn new(execution: &str) -> Self {
        Self { execution: execution.to_owned(), events: Vec::new(), tokens: Vec::new() }
    }

    pub(crate) async fn fetch(api: &Api, execution: &str) -> Result<Self, Trouble> {
        let mut history = Self::new(execution);
        history.go_on(api).await?;
        Ok(history)
    }

    /// Reads the last page again, which may have grown, and what comes behind it. `false`: what was read isn't there anymore.
    pub(super) async fn go_on(&mut self, api: &Api) -> Result<bool, Trouble> {
        loop {
            let said = self.page(api, self.tokens.len(), false).await?;
            let read: Vec<Event> = list(&said, "Events").iter().map(Event::read).collect();
            let known = self.events.split_off((self.tokens.len() * PAGE).min(self.events.len()));
            let grown = known.len() <= read.len() && known.iter().zip(&read).all(|(known, read)| known.is(read));
            self.events.extend(read);
            match said.get("NextToken").filter(|token| token.is_string()) {
                _ if !grown => return Ok(false),
                Some(token) => self.tokens.push(token.clone()),
                None => return Ok(true),
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
