//! What was published of a state machine: its versions, and the aliases that share executions out among them.

use futures_util::future;
use maud::{Markup, html};
use serde_json::{Value, json};

use crate::api::{Api, Trouble, list, text};
use crate::asked::link;
use crate::show;

/// Aliases whose routes are shown, and versions.
const SHOWN: usize = 50;

/// The machine that an ARN of a version or of an alias is of.
pub(super) fn qualified(arn: &str) -> Option<&str> {
    let (machine, _) = arn.rsplit_once(':')?;
    (machine.split(':').count() == 7).then_some(machine)
}

/// A state machine, a version, or, with the alias, the version that it mostly starts.
pub(super) async fn described(api: &Api, arn: &str) -> Result<(Value, Option<Value>), Trouble> {
    let describe = |arn: &str| api.sfn("DescribeStateMachine", json!({ "StateMachineArn": arn }));
    if qualified(arn).is_none() || is_version(arn) {
        return Ok((describe(arn).await?, None));
    }
    let alias = alias_of(api, arn).await?;
    let most = routes(&alias).iter().max_by_key(|route| weight(route)).ok_or_else(Trouble::nothing_here)?;
    Ok((describe(text(most, "StateMachineVersionArn")).await?, Some(alias)))
}

/// Of what is qualified.
pub(super) fn is_version(arn: &str) -> bool {
    show::last(arn).bytes().all(|byte| byte.is_ascii_digit())
}

/// Nothing, where nothing was published.
pub(super) async fn published(api: &Api, machine: &str) -> Result<Markup, Trouble> {
    let asks = json!({ "StateMachineArn": machine, "MaxResults": SHOWN });
    let (versions, aliases) =
        future::try_join(api.sfn("ListStateMachineVersions", asks.clone()), api.sfn("ListStateMachineAliases", asks))
            .await?;
    let versions = list(&versions, "StateMachineVersions");
    let aliases =
        list(&aliases, "StateMachineAliases").iter().map(|alias| alias_of(api, text(alias, "StateMachineAliasArn")));
    let aliases = future::try_join_all(aliases).await?;
    if versions.is_empty() {
        return Ok(html! {});
    }
    Ok(html! {
        section #published {
            h2 { "Versions and aliases" }
            div.beside {
                (table("Version", versions.iter().map(|version| of_version(version, &aliases))))
                @if !aliases.is_empty() { (table("Alias", aliases.iter().map(of_alias))) }
            }
        }
    })
}

async fn alias_of(api: &Api, arn: &str) -> Result<Value, Trouble> {
    api.sfn("DescribeStateMachineAlias", json!({ "StateMachineAliasArn": arn })).await
}

fn table(first: &str, rows: impl Iterator<Item = Markup>) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { (first) } th { @if first == "Alias" { "Starts" } @else { "Started by" } } th { "Since" } } }
            tbody { @for row in rows { (row) } }
        } }
    }
}

fn of_version(version: &Value, aliases: &[Value]) -> Markup {
    let arn = text(version, "StateMachineVersionArn");
    let routed = aliases.iter().filter_map(|alias| {
        let route = routes(alias).iter().find(|route| text(route, "StateMachineVersionArn") == arn)?;
        Some(format!("{} {} %", text(alias, "Name"), weight(route)))
    });
    html! {
        tr {
            td { a href=(link(&["states", "machines", arn], &[])) { "Version " (show::last(arn)) } }
            td.note { (routed.collect::<Vec<_>>().join(", ")) }
            td { (show::time(show::millis(version.get("CreationDate")))) }
        }
    }
}

fn of_alias(alias: &Value) -> Markup {
    html! {
        tr {
            td { a href=(link(&["states", "machines", text(alias, "StateMachineAliasArn")], &[])) { (text(alias, "Name")) } }
            td { (weights(alias)) }
            td { (show::time(show::millis(alias.get("UpdateDate").or_else(|| alias.get("CreationDate"))))) }
        }
    }
}

/// Which versions an alias starts, and how many of a hundred executions are theirs.
pub(super) fn weights(alias: &Value) -> Markup {
    html! {
        @for (at, route) in routes(alias).iter().enumerate() {
            @let arn = text(route, "StateMachineVersionArn");
            @if at > 0 { ", " }
            a href=(link(&["states", "machines", arn], &[])) { "version " (show::last(arn)) }
            " " (weight(route)) " %"
        }
    }
}

fn routes(alias: &Value) -> &[Value] {
    list(alias, "RoutingConfiguration")
}

fn weight(route: &Value) -> u64 {
    route.get("Weight").and_then(Value::as_u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_aliases_are_told_from_machines() {
        let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
        assert_eq!(qualified(machine), None);
        assert_eq!(qualified(&format!("{machine}:3")), Some(machine));
        assert_eq!(qualified(&format!("{machine}:live")), Some(machine));
    }
}
