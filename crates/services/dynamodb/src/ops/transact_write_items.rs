use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use updraft_api_dynamodb::types::{
    ItemCollectionMetrics, ReturnItemCollectionMetrics, TransactWriteItem, TransactWriteItemsInput,
    TransactWriteItemsOutput,
};
use updraft_expr::dynamodb::{Condition, Item, item_size};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};
use xxhash_rust::xxh3::xxh3_128;

use super::shared::{Tables, tells_failed};
use crate::DynamoDb;
use crate::errors::{CONDITION_FAILED, Reason, cancelled, token_reused, validation};
use crate::keys::{Scope, Token, TokenKey};
use crate::model::capacity::{Consumed, Told};
use crate::model::expressions::Texts;
use crate::model::table::Table;
use crate::model::value::{WireItem, parse_item};
use crate::model::write::{Change, TOO_LARGE, Write};
use crate::table::{self, Session, Stop};

/// Bytes of all items of a transaction together.
const MAX_BYTES: usize = 4 << 20;
/// How long a `ClientRequestToken` makes a request happen once.
const TOKEN_LIFE: Duration = Duration::from_secs(600);

pub(crate) async fn transact_write_items(
    svc: &DynamoDb,
    cx: &Ctx,
    input: TransactWriteItemsInput,
) -> Result<TransactWriteItemsOutput, AwsError> {
    let scope = Scope::of(cx);
    let hash = xxh3_128(format!("{:?}", input.transact_items).as_bytes());
    let actions = input.transact_items.into_iter().map(Action::parse).collect::<Result<Vec<_>, _>>()?;
    let mut tx = svc.store.write().await?;
    if let Some(token) = &input.client_request_token
        && is_repeated(&mut tx, cx, TokenKey(&scope, token), hash).await?
    {
        return Ok(TransactWriteItemsOutput::default());
    }
    let mut tables = Tables::default();
    let ready = prepare(&mut tx, cx, &mut tables, actions).await?;
    let metrics = input.return_item_collection_metrics.as_ref();
    let written = write_all(&mut tx, cx, &mut tables, &ready, metrics).await?;
    tx.commit().await?;
    let asked = input.return_consumed_capacity.as_ref();
    let used: Vec<_> =
        written.used.into_iter().filter_map(|(name, used)| used.doubled().report(&name, asked, Told::Write)).collect();
    Ok(TransactWriteItemsOutput {
        consumed_capacity: (!used.is_empty()).then_some(used),
        item_collection_metrics: (!written.metrics.is_empty()).then_some(written.metrics),
    })
}

/// Whether the same request was done under this token; notes it if not.
async fn is_repeated(tx: &mut Tx, cx: &Ctx, key: TokenKey<'_>, hash: u128) -> Result<bool, AwsError> {
    match tx.row(&key).await? {
        Some(known) if known.until > cx.now() => {
            if known.hash == hash {
                Ok(true)
            } else {
                Err(token_reused())
            }
        }
        _ => {
            tx.put_row(&key, &Token { hash, until: cx.now().plus(TOKEN_LIFE) })?;
            Ok(false)
        }
    }
}

/// One action, parsed, not yet held against its table.
struct Action {
    table: String,
    what: What,
    condition: Option<Condition>,
    tells: bool,
}

enum What {
    Put(Item),
    Keyed(Item, Change),
}

impl Action {
    fn parse(one: TransactWriteItem) -> Result<Self, AwsError> {
        match one {
            TransactWriteItem { condition_check: Some(check), put: None, delete: None, update: None } => {
                let texts = Texts { condition: Some(check.condition_expression), ..Texts::default() };
                let placeholders = (check.expression_attribute_names, check.expression_attribute_values);
                let tells = tells_failed(check.return_values_on_condition_check_failure.as_ref());
                Self::keyed(check.table_name, check.key, texts, placeholders, tells)
            }
            TransactWriteItem { condition_check: None, put: Some(put), delete: None, update: None } => {
                let texts = Texts {
                    condition: put.condition_expression,
                    names: put.expression_attribute_names,
                    values: put.expression_attribute_values,
                    ..Texts::default()
                };
                let condition = texts.parse()?.condition;
                let tells = tells_failed(put.return_values_on_condition_check_failure.as_ref());
                Ok(Self { table: put.table_name, what: What::Put(parse_item(put.item)?), condition, tells })
            }
            TransactWriteItem { condition_check: None, put: None, delete: Some(delete), update: None } => {
                let texts = Texts { condition: delete.condition_expression, ..Texts::default() };
                let placeholders = (delete.expression_attribute_names, delete.expression_attribute_values);
                let tells = tells_failed(delete.return_values_on_condition_check_failure.as_ref());
                let mut out = Self::keyed(delete.table_name, delete.key, texts, placeholders, tells)?;
                out.becomes(Change::Delete);
                Ok(out)
            }
            TransactWriteItem { condition_check: None, put: None, delete: None, update: Some(update) } => {
                let texts = Texts {
                    condition: update.condition_expression,
                    update: Some(update.update_expression),
                    ..Texts::default()
                };
                let placeholders = (update.expression_attribute_names, update.expression_attribute_values);
                let tells = tells_failed(update.return_values_on_condition_check_failure.as_ref());
                Self::keyed(update.table_name, update.key, texts, placeholders, tells)
            }
            _ => Err(validation("TransactItems can only contain one of Check, Put, Update or Delete")),
        }
    }

    /// An update if there is one among the texts, else a check.
    fn keyed(
        table: String,
        key: WireItem,
        texts: Texts,
        (names, values): (Option<BTreeMap<String, String>>, Option<WireItem>),
        tells: bool,
    ) -> Result<Self, AwsError> {
        let parsed = Texts { names, values, ..texts }.parse()?;
        let change = parsed.update.map_or(Change::Check, Change::Update);
        Ok(Self { table, what: What::Keyed(parse_item(key)?, change), condition: parsed.condition, tells })
    }

    fn becomes(&mut self, change: Change) {
        if let What::Keyed(_, old) = &mut self.what {
            *old = change;
        }
    }

    fn ready(self, table: &Table) -> Result<Write, AwsError> {
        match self.what {
            What::Put(item) => Write::put(table, item, self.condition),
            What::Keyed(key, change) => Write::keyed(table, key, change, self.condition),
        }
    }
}

/// An action held against its table: the write it is, or why it can't be one.
struct Ready {
    table: String,
    tells: bool,
    write: Result<Write, AwsError>,
}

async fn prepare(tx: &mut Tx, cx: &Ctx, tables: &mut Tables, actions: Vec<Action>) -> Result<Vec<Ready>, AwsError> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for action in actions {
        let (name, tells) = (action.table.clone(), action.tells);
        let table = tables.load(tx, cx, &name).await?;
        let write = action.ready(table);
        match &write {
            Ok(write) if !seen.insert((table.id, write.key.clone())) => {
                return Err(validation("Transaction request cannot include multiple operations on one item"));
            }
            Err(err) if is_up_front(err) => return write.map(|_| Vec::new()),
            _ => {}
        }
        out.push(Ready { table: name, tells, write });
    }
    Ok(out)
}

/// AWS: an empty key value and an item that is put and too large are refused as such; other faults of an item cancel
/// the transaction.
fn is_up_front(err: &AwsError) -> bool {
    let up_front = ["One or more parameter values are not valid. The AttributeValue for a key attribute", TOO_LARGE];
    up_front.iter().any(|words| err.message().starts_with(words))
}

/// What all the writes came to.
#[derive(Default)]
struct Written {
    bytes: usize,
    used: BTreeMap<String, Consumed>,
    metrics: BTreeMap<String, Vec<ItemCollectionMetrics>>,
}

async fn write_all(
    tx: &mut Tx,
    cx: &Ctx,
    tables: &mut Tables,
    ready: &[Ready],
    asked: Option<&ReturnItemCollectionMetrics>,
) -> Result<Written, AwsError> {
    let scope = Scope::of(cx);
    let mut session = Session::new(&scope, cx.now());
    let mut reasons = Vec::new();
    let mut out = Written::default();
    for one in ready {
        let table = tables.load(tx, cx, &one.table).await?;
        let write = match &one.write {
            Ok(write) => write,
            Err(err) => {
                reasons.push(refused(err));
                continue;
            }
        };
        match table::apply(tx, &mut session, table, write).await {
            Ok(applied) => {
                out.bytes += applied.new.as_ref().or(applied.old.as_ref()).map_or(0, item_size);
                out.used.entry(table.name.clone()).or_default().add(applied.consumed);
                let metrics = table::collection(tx, &scope, table, write, asked).await?;
                if let Some(metrics) = metrics {
                    out.metrics.entry(table.name.clone()).or_default().push(metrics);
                }
                reasons.push(Reason::NONE);
            }
            Err(Stop::Condition(item)) => reasons.push(Reason {
                code: "ConditionalCheckFailed",
                message: Some(CONDITION_FAILED.to_owned()),
                item: item.filter(|_| one.tells),
            }),
            Err(Stop::Error(err)) if err.code().status >= 500 => return Err(err),
            Err(Stop::Error(err)) => reasons.push(refused(&err)),
        }
    }
    if !reasons.iter().all(Reason::is_none) {
        return Err(cancelled(&reasons));
    }
    if out.bytes > MAX_BYTES {
        return Err(validation("Aggregate size of the items in the transaction exceeds the limit of 4 MB"));
    }
    Ok(out)
}

fn refused(err: &AwsError) -> Reason {
    Reason { code: "ValidationError", message: Some(err.message().to_owned()), item: None }
}
