//! `updraft nodes`: who serves the store.

use anyhow::Result;
use http::Method;
use serde_json::Value;

use crate::args::Connection;
use crate::client::Client;
use crate::out;

const HEAD: [&str; 7] = ["NAME", "ADDRESS", "STATE", "VERSION", "BEAT", "SKEW", "LEASES"];

/// # Errors
/// If nothing answers, or the store can't be read.
pub async fn run(connection: &Connection) -> Result<()> {
    let answer = Client::new(&connection.endpoint).admin(Method::GET, "nodes", None).await?;
    if connection.json {
        return Ok(out::line(&answer.to_string())?);
    }
    for line in table(&answer) {
        out::line(&line)?;
    }
    Ok(())
}

/// In columns as wide as what is in them.
fn table(answer: &Value) -> Vec<String> {
    let nodes = answer.get("nodes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<_> = std::iter::once(HEAD.map(str::to_owned)).chain(nodes.iter().map(row)).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..HEAD.len()).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &[String; 7]| {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn row(node: &Value) -> [String; 7] {
    let text = |name: &str| node.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
    let millis = |name: &str| node.get(name).and_then(Value::as_i64);
    let state = match node.get("deadSince").and_then(Value::as_str) {
        Some(since) => format!("dead since {since}"),
        None => text("state"),
    };
    let beat = millis("beatAgeMillis").map_or_else(|| "-".to_owned(), ago);
    let skew = millis("skewMillis").map_or_else(|| "-".to_owned(), |millis| format!("{millis:+} ms"));
    let leases = node.get("leases").and_then(Value::as_u64).map_or_else(|| "all".to_owned(), |n| n.to_string());
    [text("name"), text("address"), state, text("version"), beat, skew, leases]
}

fn ago(millis: i64) -> String {
    if millis < 10_000 { format!("{millis} ms ago") } else { format!("{} s ago", millis / 1000) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nodes_are_shown_in_columns() {
        let answer = json!({ "nodes": [
            { "name": "a", "address": "10.0.0.1:4566", "state": "serving", "version": "0.1.0", "beatAgeMillis": 220,
              "skewMillis": -3, "leases": 9 },
            { "name": "longer", "address": "10.0.0.2:4566", "state": "dead", "version": "0.1.0",
              "deadSince": "2030-01-01T00:00:00.000Z", "beatAgeMillis": 61_000, "skewMillis": 0, "leases": 0 },
        ]});
        let expected = [
            "NAME    ADDRESS        STATE                                VERSION  BEAT        SKEW   LEASES",
            "a       10.0.0.1:4566  serving                              0.1.0    220 ms ago  -3 ms  9",
            "longer  10.0.0.2:4566  dead since 2030-01-01T00:00:00.000Z  0.1.0    61 s ago    +0 ms  0",
        ];
        assert_eq!(table(&answer), expected);
    }

    #[test]
    fn the_only_node_of_an_embedded_store_has_all_leases_and_no_beat() {
        let answer = json!({ "nodes": [{ "name": "this process", "state": "alone", "version": "0.1.0" }] });
        let expected = [
            "NAME          ADDRESS  STATE  VERSION  BEAT  SKEW  LEASES",
            "this process  -        alone  0.1.0    -     -     all",
        ];
        assert_eq!(table(&answer), expected);
    }
}
