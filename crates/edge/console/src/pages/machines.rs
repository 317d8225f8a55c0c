//! All state machines.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::frame::{Frame, page};
use crate::api::{Api, Trouble, list, text};
use crate::asked::{Asked, link};
use crate::show;

pub(crate) async fn machines(api: &Api, asked: &Asked) -> Result<Markup, Trouble> {
    let wanted = asked.get("q").unwrap_or_default().to_lowercase();
    let mut machines = all(api).await?;
    machines.retain(|machine| text(machine, "Name").to_lowercase().contains(&wanted));
    Ok(page(
        api,
        asked,
        &Frame { title: "State machines", room: "states/machines" },
        &html! {
            div.head {
                h1 { "State machines" }
                a.button href=(api.link(&["states", "editor"], &[])) { "New" }
            }
            form.filter method="get" role="search" {
                (kept(asked, &["q"]))
                label { "Name " input type="search" name="q" value=(asked.get("q").unwrap_or_default()); }
                button { "Find" }
            }
            @if machines.is_empty() {
                p.none { "There are none" @if !wanted.is_empty() { " of such a name" } " in this account and region." }
            } @else {
                div.scroll { table {
                    thead { tr { th { "Name" } th { "Type" } th { "Created" } } }
                    tbody { @for machine in &machines { (row(machine)) } }
                } }
            }
        },
    ))
}

fn row(machine: &Value) -> Markup {
    html! {
        tr {
            td { a href=(link(&["states", "machines", text(machine, "StateMachineArn")], &[])) { (text(machine, "Name")) } }
            td { (text(machine, "Type").to_lowercase()) }
            td { (show::time(show::millis(machine.get("CreationDate")))) }
        }
    }
}

/// Hidden fields for what the query says besides.
pub(super) fn kept(asked: &Asked, without: &[&str]) -> Markup {
    html! {
        @for (name, value) in asked.query.iter().filter(|(name, _)| !without.contains(&name.as_str())) {
            input type="hidden" name=(name) value=(value);
        }
    }
}

pub(super) async fn all(api: &Api) -> Result<Vec<Value>, Trouble> {
    let (mut machines, mut token) = (Vec::new(), Value::Null);
    loop {
        let said = api.sfn("ListStateMachines", json!({ "MaxResults": 1000, "NextToken": token })).await?;
        machines.extend_from_slice(list(&said, "StateMachines"));
        token = said.get("NextToken").cloned().unwrap_or_default();
        if token.is_null() {
            return Ok(machines);
        }
    }
}
