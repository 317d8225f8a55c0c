//! Figures that are recorded before they get bars: transactions, one hot key, scans.

use std::cell::Cell;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use serde_json::{Value, json};

use super::items::{self, TABLE};
use crate::aws;
use crate::floors::store::BareStore;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::in_turn;
use crate::world::World;

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let folder = world.folder()?;
    let (store, ours) = (BareStore::open(&folder)?, world.platform()?);
    items::create_table(&ours, TABLE)?;
    let items_of_scan = world.size(20_000, 4_000);
    items::fill(&ours, TABLE, &|n| format!("scan{n}"), items_of_scan, 1024)?;
    let each = u32::try_from(world.size(100, 25))?;
    let made = Cell::new(0);
    let [transact, put, hot, bare_hot, scan, bare_scan] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(load::run(ours.address, &transactions(&ours, &made, world.size(640, 160)), 32)?.rate())),
            Box::new(|| Ok(store.put(64, each)?.rate())),
            Box::new(|| Ok(load::run(ours.address, &hot(&ours, world.size(2_000, 500)), 64)?.rate())),
            Box::new(|| Ok(store.hot(64, each / 4)?.rate())),
            Box::new(|| scan_everything(&ours)),
            Box::new(|| store.scan()),
        ],
    )?;
    Ok(vec![
        Figure::new("TransactWriteItems of 10, 32 connections", transact, Unit::PerSecond).against(
            "store: single puts, 64 callers",
            put,
            Bar::Recorded,
        ),
        Figure::new("updates of one key, 64 connections", hot, Unit::PerSecond).against(
            "store: the same, 64 callers",
            bare_hot,
            Bar::Recorded,
        ),
        Figure::new("Scan, 1 connection", scan, Unit::MiBPerSecond).against("store: scan", bare_scan, Bar::Recorded),
    ])
}

fn transactions(server: &Server, made: &Cell<usize>, count: usize) -> Arc<Vec<Bytes>> {
    let host = server.host();
    let one = |_| {
        let put = |n: usize| json!({ "Put": { "TableName": TABLE, "Item": items::item(&format!("t{}", made.get()), n, 100) } });
        made.set(made.get() + 1);
        aws::dynamodb(&host, "TransactWriteItems", &json!({ "TransactItems": (0..10).map(put).collect::<Vec<_>>() }))
    };
    Arc::new((0..count).map(one).collect())
}

fn hot(server: &Server, count: usize) -> Arc<Vec<Bytes>> {
    let update = json!({
        "TableName": TABLE,
        "Key": items::key("hot", 0),
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": { ":one": { "N": "1" } },
    });
    Arc::new(vec![aws::dynamodb(&server.host(), "UpdateItem", &update); count])
}

/// MiB of answers in a second.
fn scan_everything(server: &Server) -> Result<f64> {
    let started = std::time::Instant::now();
    let (mut bytes, mut input) = (0, json!({ "TableName": TABLE }));
    loop {
        let page = load::once(server.address, &aws::dynamodb(&server.host(), "Scan", &input))?.fine()?;
        bytes += page.len();
        let page: Value = serde_json::from_slice(&page)?;
        match page.get("LastEvaluatedKey") {
            Some(last) => input = json!({ "TableName": TABLE, "ExclusiveStartKey": last }),
            None => return Ok(load::rate(bytes, started.elapsed()) / f64::from(1 << 20)),
        }
    }
}
