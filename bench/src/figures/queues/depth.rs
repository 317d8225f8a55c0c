//! The same calls to a short and to a deep queue, and beside few and many queues: flat is the point.

use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use serde_json::json;

use super::calls;
use crate::aws;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

const SHORT: usize = 100;

pub(crate) fn depth(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let (short, deep) = (calls::create(&ours, "short")?, calls::create(&ours, "deep")?);
    let large = world.size(1_000_000, 50_000);
    calls::fill(&ours, &deep, large)?;
    let [of_deep, of_short] = in_turn(
        world.rounds(),
        [
            Box::new(|| receives(&ours, &deep)),
            Box::new(|| {
                calls::fill(&ours, &short, SHORT)?;
                receives(&ours, &short)
            }),
        ],
    )?;
    let figure = Figure::new(format!("ReceiveMessage p50 with {large} messages"), of_deep, Unit::Micros);
    let mut figures = vec![figure.against(format!("the same with {SHORT}"), of_short, Bar::AtMost(1.3))];
    figures.extend(many(world)?);
    Ok(figures)
}

/// As many as the short queue holds; they stay hidden.
fn receives(server: &Server, queue: &str) -> Result<f64> {
    let requests = Arc::new(vec![calls::receive(server, queue, 1, 0); SHORT]);
    Ok(p50(&load::run(server.address, &requests, 1)?.each))
}

fn many(world: &mut World) -> Result<Vec<Figure>> {
    let (few, crowd) = (world.platform()?, world.platform()?);
    let count = world.size(10_000, 1_000);
    let creates = |n: usize| aws::sqs(&crowd.host(), "CreateQueue", &json!({ "QueueName": format!("queue{n}") }));
    let creates: Arc<Vec<Bytes>> = Arc::new((0..count).map(creates).collect());
    let made = load::run(crowd.address, &creates, 32)?.rate();
    let (one, other) = (calls::create(&few, "queue0")?, calls::create(&crowd, "queue0")?);
    let sends = world.size(300, 100);
    let [of_crowd, of_few] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(p50(&load::run(crowd.address, &calls::sends(&crowd, &other, sends), 1)?.each))),
            Box::new(|| Ok(p50(&load::run(few.address, &calls::sends(&few, &one, sends), 1)?.each))),
        ],
    )?;
    let figure = Figure::new(format!("SendMessage p50 with {count} queues"), of_crowd, Unit::Micros);
    Ok(vec![
        Figure::new(format!("CreateQueue of {count}, 32 connections"), made, Unit::PerSecond),
        figure.against("the same with one", of_few, Bar::AtMost(1.3)),
        Figure::new(format!("resident memory with {count} queues"), crowd.resident()?, Unit::MiB),
    ])
}
