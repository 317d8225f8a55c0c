//! A table of DynamoDB: its keys, and its items page by page.

use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::frame::{Frame, page};
use crate::api::{Api, Trouble, list, text};
use crate::asked::Asked;
use crate::graph::short;
use crate::show;

/// Items at once, and letters of each that are shown of what isn't its key.
const ITEMS: usize = 50;
const LETTERS: usize = 300;

pub(crate) async fn table(api: &Api, asked: &Asked, name: &str) -> Result<Markup, Trouble> {
    let said = api.call("dynamodb", "DescribeTable", json!({ "TableName": name })).await?;
    let none = Value::Null;
    let table = said.get("Table").unwrap_or(&none);
    let from: Option<Value> = asked.get("from").and_then(|from| serde_json::from_str(from).ok());
    let scan = json!({ "TableName": name, "Limit": ITEMS, "ExclusiveStartKey": from });
    let found = api.call("dynamodb", "Scan", scan).await?;
    let keys: Vec<&str> = list(table, "KeySchema").iter().map(|key| text(key, "AttributeName")).collect();
    Ok(page(
        api,
        asked,
        &Frame { title: name, room: "dynamodb/tables" },
        &html! {
            h1 { (name) }
            (facts(table))
            h2 { "Items" }
            (items(list(&found, "Items"), &keys))
            @if let Some(next) = found.get("LastEvaluatedKey").filter(|key| key.is_object()) {
                p { a href=(asked.with(&[("from", Some(&next.to_string()))])) { "More" } }
            }
        },
    ))
}

fn facts(table: &Value) -> Markup {
    let number = |name: &str| table.get(name).and_then(Value::as_u64).unwrap_or(0);
    let keys = list(table, "KeySchema").iter().map(|key| {
        let kind = if text(key, "KeyType") == "HASH" { "partition" } else { "sort" };
        format!("{} ({kind})", text(key, "AttributeName"))
    });
    let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"].into_iter().flat_map(|name| list(table, name));
    let indexes: Vec<&str> = indexes.map(|index| text(index, "IndexName")).collect();
    html! {
        dl.facts {
            div { dt { "Status" } dd { (text(table, "TableStatus").to_lowercase()) } }
            div { dt { "Key" } dd { (keys.collect::<Vec<_>>().join(", ")) } }
            div { dt { "Items, about" } dd { (number("ItemCount")) } }
            div { dt { "Bytes, about" } dd { (number("TableSizeBytes")) } }
            @if !indexes.is_empty() { div { dt { "Indexes" } dd { (indexes.join(", ")) } } }
            div { dt { "Created" } dd { (show::time(show::millis(table.get("CreationDateTime")))) } }
            div.wide { dt { "ARN" } dd { code { (text(table, "TableArn")) } } }
        }
    }
}

fn items(items: &[Value], keys: &[&str]) -> Markup {
    html! {
        @if items.is_empty() { p.none { "There are none here." } } @else {
            div.scroll { table {
                thead { tr { @for key in keys { th { (key) } } th { "All else" } } }
                tbody { @for item in items.iter().filter_map(Value::as_object) { tr {
                    @for key in keys { td.name { (written(&item.get(*key).map(plain).unwrap_or_default())) } }
                    @let rest: Map<String, Value> = item.iter().filter(|(name, _)| !keys.contains(&name.as_str())).map(|(name, value)| (name.clone(), plain(value))).collect();
                    td.note { @if !rest.is_empty() { code { (short(&Value::Object(rest).to_string(), LETTERS)) } } }
                } } }
            } }
        }
    }
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An attribute's value as it would be in JSON.
fn plain(attribute: &Value) -> Value {
    let Some((kind, value)) = attribute.as_object().and_then(|members| members.iter().next()) else {
        return Value::Null;
    };
    let all = |value: &Value| value.as_array().into_iter().flatten().map(plain).collect();
    match kind.as_str() {
        "NULL" => Value::Null,
        "N" => number(value),
        "NS" => value.as_array().into_iter().flatten().map(number).collect(),
        "L" => all(value),
        "M" => value.as_object().into_iter().flatten().map(|(name, one)| (name.clone(), plain(one))).collect(),
        _ => value.clone(),
    }
}

/// With all its digits.
fn number(digits: &Value) -> Value {
    let parsed: Option<serde_json::Number> = digits.as_str().and_then(|digits| serde_json::from_str(digits).ok());
    parsed.map_or_else(|| digits.clone(), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_as_one_would_write_them() {
        let long = "12345678901234567890123456789012345678";
        let item = json!({ "M": {
            "s": { "S": "a" }, "n": { "N": "1.5" }, "long": { "N": long }, "yes": { "BOOL": true }, "none": { "NULL": true },
            "l": { "L": [{ "S": "b" }, { "N": "2" }] }, "ss": { "SS": ["c"] }, "ns": { "NS": ["3"] },
        } });
        let read =
            format!(r#"{{"s":"a","n":1.5,"long":{long},"yes":true,"none":null,"l":["b",2],"ss":["c"],"ns":[3]}}"#);
        assert_eq!(plain(&item).to_string(), read);
    }
}
