//! Long polls that find nothing: what they cost, and how soon they wake.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;

use super::calls;
use crate::aws;
use crate::family;
use crate::load::Connection;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::p50;
use crate::world::World;

const WAITERS: usize = 1_000;
/// For so long it is watched what waiting costs.
const WATCHED: Duration = Duration::from_secs(5);
/// How many of them are woken, one after the other.
const WOKEN: usize = 50;

pub(crate) fn waiting(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let queues = (0..WAITERS).map(|n| calls::create(&ours, &format!("waits{n}"))).collect::<Result<Vec<_>>>()?;
    let (cost, woken) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async { wait(&ours, &queues).await })?;
    let cost = cost.as_secs_f64() * 1e6 / WATCHED.as_secs_f64();
    Ok(vec![
        // The clock that tells it ticks 100 times a second.
        Figure::new(format!("{WAITERS} empty long polls, processor time per second"), cost, Unit::Micros)
            .within(Bar::AtMost(5_000.0)),
        Figure::new("send → a waiting long poll's answer, p50", p50(&woken), Unit::Micros).within(Bar::AtMost(5_000.0)),
    ])
}

async fn wait(server: &Server, queues: &[String]) -> Result<(Duration, Vec<Duration>)> {
    let mut waiting = Vec::with_capacity(queues.len());
    for queue in queues {
        let mut connection = Connection::open(server.address).await?;
        let request = calls::receive(server, queue, 1, 20);
        waiting.push(tokio::spawn(async move {
            connection.send(&request).await?.fine()?;
            anyhow::Ok(Instant::now())
        }));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let pid = server.pid();
    let before = family::used(pid).context("the server has gone")?;
    tokio::time::sleep(WATCHED).await;
    let cost = family::used(pid).context("the server has gone")?.saturating_sub(before);
    let mut sender = Connection::open(server.address).await?;
    let mut woken = Vec::new();
    for (queue, waits) in queues.iter().zip(waiting).take(WOKEN) {
        let input = json!({ "QueueUrl": queue, "MessageBody": "wake" });
        let send = aws::sqs(&server.host(), "SendMessage", &input);
        let started = Instant::now();
        sender.send(&send).await?.fine()?;
        woken.push(waits.await??.saturating_duration_since(started));
    }
    Ok((cost, woken))
}
