//! The same calls in a small and in a large table: flat is the point.

use std::cell::Cell;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use serde_json::json;

use super::items;
use crate::aws;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

const SMALL: usize = 1_000;

/// A platform whose one table holds that many items.
struct Filled {
    server: Server,
    count: usize,
    made: Cell<usize>,
}

impl Filled {
    fn new(world: &mut World, count: usize) -> Result<Self> {
        let server = world.platform()?;
        items::create_table(&server, items::TABLE)?;
        items::fill(&server, items::TABLE, &|n| format!("item{n}"), count, 100)?;
        Ok(Self { server, count, made: Cell::new(0) })
    }

    fn put(&self, calls: usize) -> Result<f64> {
        self.made.set(self.made.get() + 1);
        let requests = items::puts(&self.server.host(), items::TABLE, &format!("new{}", self.made.get()), calls);
        Ok(p50(&load::run(self.server.address, &requests, 1)?.each))
    }

    fn get(&self, calls: usize) -> Result<f64> {
        let host = self.server.host();
        let get = |n: usize| {
            let n = n * 104_729 % self.count;
            let input = json!({ "TableName": items::TABLE, "Key": items::key(&format!("item{n}"), n) });
            aws::dynamodb(&host, "GetItem", &input)
        };
        let requests: Arc<Vec<Bytes>> = Arc::new((0..calls).map(get).collect());
        Ok(p50(&load::run(self.server.address, &requests, 1)?.each))
    }
}

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let large = world.size(1_000_000, 50_000);
    let (small, grown) = (Filled::new(world, SMALL)?, Filled::new(world, large)?);
    let (puts, gets) = (world.size(300, 100), world.size(2_000, 500));
    let [put_small, put_large, get_small, get_large] = in_turn(
        world.rounds(),
        [
            Box::new(|| small.put(puts)),
            Box::new(|| grown.put(puts)),
            Box::new(|| small.get(gets)),
            Box::new(|| grown.get(gets)),
        ],
    )?;
    let against = format!("the same with {SMALL} items");
    Ok(vec![
        Figure::new(format!("PutItem p50 with {large} items"), put_large, Unit::Micros).against(
            &against,
            put_small,
            Bar::AtMost(1.5),
        ),
        Figure::new(format!("GetItem p50 with {large} items"), get_large, Unit::Micros).against(
            &against,
            get_small,
            Bar::AtMost(1.5),
        ),
    ])
}
