//! DynamoDB: what was acknowledged is there, what was refused is not, money is neither made nor lost.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use parking_lot::Mutex;
use serde_json::{Value, json};
use updraft_kernel::{AwsError, BoxFuture, Clock, RngExt};
use updraft_wire::http::Request;
use updraft_wire::{decode, encode, find};

use crate::model::{Known, Model, Sent, Step};
use crate::node::Node;
use crate::world::World;

const TABLE: &str = "simulation";
/// Items that are made once.
const UNIQUE: u64 = 30;
/// Lists that are appended to.
const LISTS: u64 = 4;
const ACCOUNTS: u64 = 5;
const START: i64 = 100;
/// As the layer around every operation tries, and as a client's SDK does.
const CONFLICTS: u32 = 60;
const TRIES: u32 = 4;

#[derive(Default)]
pub(super) struct Tables {
    sent: Sent,
    /// Who was told that it made the item.
    made: Mutex<BTreeMap<u64, u64>>,
    /// What was acknowledged to be in each list.
    appended: Mutex<BTreeMap<u64, Vec<u64>>>,
}

/// One request as the wire has it, run again as long as it only conflicts.
async fn call(node: &Node, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let mut headers = HeaderMap::new();
    let target = HeaderValue::from_str(&format!("DynamoDB_20120810.{operation}")).map_err(AwsError::internal)?;
    headers.insert("x-amz-target", target);
    let body = Bytes::from(input.to_string());
    let request = Request { method: &Method::POST, path: "/", query: "", headers: &headers, body: &body };
    let cx = node.cx();
    let call = find(node.dynamodb.model(), &request)?;
    let mut tries = 0;
    loop {
        match node.dynamodb.call(&cx, call.op, decode(&call, &request)?).await {
            Ok(output) => {
                let body = encode(&call, &output, &cx.request_id).body;
                return serde_json::from_slice(&body).or(Ok(Value::Null));
            }
            Err(err) if err.is_conflict() && tries < CONFLICTS => tries += 1,
            Err(err) => return Err(err),
        }
        node.clock.pause(Duration::from_micros(node.rng.below(2_000))).await;
    }
}

/// What an answer tells; the error of one that may not be.
fn known(answer: &Result<Value, AwsError>) -> Result<Known, String> {
    let Err(err) = answer else { return Ok(Known::Acknowledged) };
    match err.code().status {
        400..500 => Ok(Known::Refused),
        503 => Ok(Known::Sent),
        _ if err.is_conflict() => Ok(Known::Refused),
        status => Err(format!("answered {status}: {err:?}")),
    }
}

fn key(pk: &str) -> Value {
    json!({ "pk": { "S": pk } })
}

impl Tables {
    async fn make(&self, node: &Node, nth: u64) -> Result<(), String> {
        let number = self.sent.next();
        let input = json!({
            "TableName": TABLE,
            "Item": { "pk": { "S": format!("unique-{nth}") }, "number": { "N": number.to_string() } },
            "ConditionExpression": "attribute_not_exists(pk)",
        });
        let answer = call(node, "PutItem", &input).await;
        let known = known(&answer)?;
        self.sent.now(number, known);
        node.journal.note(format_args!("item {nth} by operation {number} on {}: {known:?}", node.name));
        if known == Known::Acknowledged
            && let Some(other) = self.made.lock().insert(nth, number)
        {
            return Err(format!("item {nth} was made by {other} and by {number}"));
        }
        Ok(())
    }

    async fn append(&self, node: &Node, nth: u64) -> Result<(), String> {
        let number = self.sent.next();
        let input = json!({
            "TableName": TABLE,
            "Key": key(&format!("list-{nth}")),
            "UpdateExpression": "SET entries = list_append(if_not_exists(entries, :none), :one)",
            "ExpressionAttributeValues": {
                ":none": { "L": [] },
                ":one": { "L": [{ "N": number.to_string() }] },
            },
        });
        let known = known(&call(node, "UpdateItem", &input).await)?;
        self.sent.now(number, known);
        node.journal.note(format_args!("list {nth} by operation {number} on {}: {known:?}", node.name));
        if known == Known::Acknowledged {
            self.appended.lock().entry(nth).or_default().push(number);
        }
        Ok(())
    }

    /// A strongly consistent read has all that was acknowledged before it began.
    async fn read(&self, node: &Node, nth: u64) -> Result<(), String> {
        let before = self.appended.lock().get(&nth).cloned().unwrap_or_default();
        let input = json!({ "TableName": TABLE, "Key": key(&format!("list-{nth}")), "ConsistentRead": true });
        let answer = call(node, "GetItem", &input).await;
        if known(&answer)? != Known::Acknowledged {
            return Ok(());
        }
        let entries = entries(answer.as_ref().ok().and_then(|found| found.get("Item")));
        node.journal.note(format_args!("list {nth} read on {}: {} entries", node.name, entries.len()));
        self.entries_are_right(nth, &before, &entries)
    }

    fn entries_are_right(&self, nth: u64, acknowledged: &[u64], entries: &[u64]) -> Result<(), String> {
        for number in acknowledged {
            if entries.iter().filter(|entry| *entry == number).count() != 1 {
                return Err(format!("list {nth} should have {number} once: {entries:?}"));
            }
        }
        for (at, number) in entries.iter().enumerate() {
            if self.sent.known(*number) == Some(Known::Refused) {
                return Err(format!("list {nth} has {number}, which was refused"));
            }
            if entries.iter().skip(at + 1).any(|other| other == number) {
                return Err(format!("list {nth} has {number} twice"));
            }
        }
        Ok(())
    }

    /// Tried again with the same token, as SDKs do.
    async fn transfer(&self, node: &Node, from: u64, to: u64, amount: i64) -> Result<(), String> {
        let number = self.sent.next();
        let mut last = Ok(Known::Sent);
        for _ in 0..TRIES {
            last = known(&call(node, "TransactWriteItems", &transfer(number, from, to, amount)).await);
            if last != Ok(Known::Sent) {
                break;
            }
        }
        // A refusal after an attempt whose outcome nobody knows is still the first attempt's: it has the token.
        let known = last?;
        self.sent.now(number, known);
        node.journal.note(format_args!("transfer {number} of {amount} {from} to {to} on {}: {known:?}", node.name));
        Ok(())
    }

    /// One look at all accounts.
    async fn sum(&self, node: &Node) -> Result<(), String> {
        let gets: Vec<Value> =
            (0..ACCOUNTS).map(|nth| json!({ "Get": { "TableName": TABLE, "Key": key(&account(nth)) } })).collect();
        let answer = call(node, "TransactGetItems", &json!({ "TransactItems": gets })).await;
        if known(&answer)? != Known::Acknowledged {
            return Ok(());
        }
        let found = answer.unwrap_or_default();
        let items = found.get("Responses").and_then(Value::as_array).cloned().unwrap_or_default();
        let sum: i64 = items.iter().filter_map(|one| balance(one.get("Item")?)).sum();
        is_whole(sum)
    }

    async fn is_settled(&self, node: &Node) -> Result<(), String> {
        let made = self.made.lock().clone();
        for (nth, number) in made {
            let item = item(node, &format!("unique-{nth}")).await?;
            if item.as_ref().and_then(|item| number_of(item, "number")) != i64::try_from(number).ok() {
                return Err(format!("item {nth} should be by {number}: {item:?}"));
            }
        }
        for nth in 0..UNIQUE {
            let by = item(node, &format!("unique-{nth}")).await?.and_then(|item| number_of(&item, "number"));
            let by = by.and_then(|by| u64::try_from(by).ok());
            if by.is_some_and(|by| self.sent.known(by) == Some(Known::Refused)) {
                return Err(format!("item {nth} is by {by:?}, which was refused"));
            }
        }
        for nth in 0..LISTS {
            let acknowledged = self.appended.lock().get(&nth).cloned().unwrap_or_default();
            let entries = entries(item(node, &format!("list-{nth}")).await?.as_ref());
            self.entries_are_right(nth, &acknowledged, &entries)?;
        }
        self.balances_are_right(node).await
    }

    /// Each balance is what the receipts make of it.
    async fn balances_are_right(&self, node: &Node) -> Result<(), String> {
        let mut expected: BTreeMap<u64, i64> = (0..ACCOUNTS).map(|nth| (nth, START)).collect();
        for (number, known) in self.sent.all() {
            let Some(receipt) = item(node, &format!("receipt-{number}")).await? else { continue };
            if known == Known::Refused {
                return Err(format!("transfer {number} was refused and has a receipt"));
            }
            let amount = number_of(&receipt, "amount").unwrap_or_default();
            for (side, sign) in [("from", -1), ("to", 1)] {
                let nth = number_of(&receipt, side).and_then(|nth| u64::try_from(nth).ok()).unwrap_or(u64::MAX);
                *expected.entry(nth).or_default() += sign * amount;
            }
        }
        for (nth, expected) in &expected {
            let found = item(node, &account(*nth)).await?.as_ref().and_then(balance);
            if found != Some(*expected) {
                return Err(format!("account {nth} has {found:?}, its receipts say {expected}"));
            }
        }
        is_whole(expected.values().sum())
    }
}

fn is_whole(sum: i64) -> Result<(), String> {
    let whole = START * i64::try_from(ACCOUNTS).unwrap_or(0);
    if sum == whole { Ok(()) } else { Err(format!("the accounts sum up to {sum}")) }
}

fn account(nth: u64) -> String {
    format!("account-{nth}")
}

fn transfer(number: u64, from: u64, to: u64, amount: i64) -> Value {
    let change = |account: String, by: i64| {
        json!({
            "TableName": TABLE,
            "Key": key(&account),
            "UpdateExpression": "ADD balance :by",
            "ConditionExpression": "balance >= :least",
            // Whoever gives must have it; whoever takes may have nothing.
            "ExpressionAttributeValues": { ":by": { "N": by.to_string() }, ":least": { "N": (-by).max(0).to_string() } },
        })
    };
    let number_value = |value: i64| json!({ "N": value.to_string() });
    let receipt = json!({
        "pk": { "S": format!("receipt-{number}") },
        "from": { "N": from.to_string() },
        "to": { "N": to.to_string() },
        "amount": number_value(amount),
    });
    json!({
        "ClientRequestToken": format!("token-{number}"),
        "TransactItems": [
            { "Update": change(account(from), -amount) },
            { "Update": change(account(to), amount) },
            { "Put": { "TableName": TABLE, "Item": receipt } },
        ],
    })
}

async fn item(node: &Node, pk: &str) -> Result<Option<Value>, String> {
    let input = json!({ "TableName": TABLE, "Key": key(pk), "ConsistentRead": true });
    let answer = call(node, "GetItem", &input).await;
    answer.map(|found| found.get("Item").cloned()).map_err(|err| format!("{pk} can't be read: {err:?}"))
}

fn number_of(item: &Value, attribute: &str) -> Option<i64> {
    item.get(attribute)?.get("N")?.as_str()?.parse().ok()
}

fn balance(item: &Value) -> Option<i64> {
    number_of(item, "balance")
}

fn entries(item: Option<&Value>) -> Vec<u64> {
    let list = item.and_then(|item| item.get("entries")?.get("L")?.as_array().cloned()).unwrap_or_default();
    list.iter().filter_map(|entry| entry.get("N")?.as_str()?.parse().ok()).collect()
}

impl Model for Tables {
    fn name(&self) -> &'static str {
        "dynamodb"
    }

    fn prepare<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let table = json!({
                "TableName": TABLE,
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
                "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
                "BillingMode": "PAY_PER_REQUEST",
            });
            let mut answers = vec![call(node, "CreateTable", &table).await];
            for nth in 0..ACCOUNTS {
                let item = json!({ "pk": { "S": account(nth) }, "balance": { "N": START.to_string() } });
                answers.push(call(node, "PutItem", &json!({ "TableName": TABLE, "Item": item })).await);
            }
            for err in answers.into_iter().filter_map(Result::err) {
                node.journal.wrong(format_args!("the table can't be prepared: {err:?}"));
            }
        })
    }

    fn step<'a>(&'a self, Step { node, rng }: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let done = match rng.below(8) {
                0 | 1 => self.make(node, rng.below(UNIQUE)).await,
                2 | 3 => self.append(node, rng.below(LISTS)).await,
                4 => self.read(node, rng.below(LISTS)).await,
                5 => self.sum(node).await,
                _ => {
                    let (from, by) = (rng.below(ACCOUNTS), 1 + rng.below(ACCOUNTS - 1));
                    let amount = i64::try_from(1 + rng.below(40)).unwrap_or(1);
                    self.transfer(node, from, (from + by) % ACCOUNTS, amount).await
                }
            };
            if let Err(why) = done {
                node.journal.wrong(format_args!("dynamodb on {}: {why}", node.name));
            }
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            for (nth, node) in world.nodes().iter().enumerate() {
                // All nodes say the same of what one look can see; the long look is one's.
                let looked = if nth == 0 { self.is_settled(node).await } else { self.sum(node).await };
                if let Err(why) = looked {
                    world.journal.wrong(format_args!("dynamodb in the end, by {}: {why}", node.name));
                }
            }
        })
    }
}
