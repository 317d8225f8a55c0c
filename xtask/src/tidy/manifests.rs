//! Manifests: lints inherited, versions only in the workspace table, names in order.

use anyhow::Result;
use toml::Value;

use super::Finding;
use super::exceptions::Exceptions;
use crate::house::{self, Member};

const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

pub(crate) fn check(members: &[Member], exceptions: &Exceptions) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for member in members {
        found.extend(lints(member, exceptions));
        found.extend(versions(member));
        found.extend(TABLES.iter().filter_map(|table| order(&member.folder, &member.text, table)));
    }
    let root = house::read(&house::root().join("Cargo.toml"))?;
    found.extend(order("the workspace", &root, "workspace.dependencies"));
    Ok(found)
}

fn lints(member: &Member, exceptions: &Exceptions) -> Option<Finding> {
    let inherited = member.manifest.get("lints").and_then(|l| l.get("workspace")).and_then(Value::as_bool);
    let excepted = exceptions.own_lints.contains_key(&member.folder);
    let text = format!("{}: has no `[lints] workspace = true`", member.folder);
    (inherited != Some(true) && !excepted).then_some(Finding::Wrong(text))
}

fn versions(member: &Member) -> Vec<Finding> {
    let all = TABLES.iter().flat_map(|table| member.dependencies(table));
    let own = all.filter(|(_, value)| value.get("workspace").and_then(Value::as_bool) != Some(true));
    own.map(|(name, _)| {
        Finding::Wrong(format!("{}: {name} must say `workspace = true`: versions are in the root", member.folder))
    })
    .collect()
}

/// House crates and others are two groups, in either order, each sorted; blank lines part groups.
fn order(place: &str, text: &str, table: &str) -> Option<Finding> {
    let names = names(text, table);
    let (house, others): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| name.starts_with("updraft-"));
    let late = [house, others].into_iter().find_map(|group| {
        let pairs = group.windows(2).map(|pair| (pair.first().copied(), pair.last().copied()));
        pairs.filter(|(a, b)| a > b).find_map(|(_, b)| b.map(str::to_owned))
    })?;
    Some(Finding::Wrong(format!("{place}: {late} is out of order in [{table}]")))
}

fn names<'a>(text: &'a str, table: &str) -> Vec<&'a str> {
    let header = format!("[{table}]");
    let body = text.lines().skip_while(move |line| line.trim() != header).skip(1);
    let body = body.take_while(|line| !line.starts_with('['));
    let keys = body.filter(|line| line.starts_with(|c: char| c.is_ascii_alphanumeric()));
    keys.filter_map(|line| line.split([' ', '.', '=']).next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_checked_within_each_group() {
        let sorted = "[dependencies]\na = 1\nb.workspace = true\n\nupdraft-a = 1\nupdraft-b = 1\n[x]\nb = 1\na = 1\n";
        assert!(order("p", sorted, "dependencies").is_none());
        assert!(order("p", "[dependencies]\nb = 1\na = 1\n", "dependencies").is_some());
        assert!(order("p", "[dependencies]\nupdraft-b = 1\nupdraft-a = 1\n", "dependencies").is_some());
    }
}
