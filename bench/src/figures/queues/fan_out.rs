//! One topic, a hundred queues.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bytes::Bytes;

use super::calls;
use crate::aws;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::median;
use crate::world::World;

const QUEUES: usize = 100;
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:fans";

pub(crate) fn fan_out(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let sns = |form: &str| ours.text(&aws::sns(&ours.host(), form));
    sns("Action=CreateTopic&Name=fans")?;
    let mut queues = Vec::new();
    for n in 0..QUEUES {
        queues.push(calls::create(&ours, &format!("fan{n}"))?);
        let arn = format!("arn:aws:sqs:us-east-1:000000000000:fan{n}");
        sns(&format!("Action=Subscribe&TopicArn={TOPIC}&Protocol=sqs&Endpoint={arn}"))?;
    }
    let count = world.size(1_000, 200);
    let mut rates = Vec::new();
    for round in 1..=world.rounds().min(3) {
        rates.push(deliver(&ours, &queues, (count, round))?);
    }
    let figure = Figure::new(format!("SNS to {QUEUES} queues, deliveries"), median(rates), Unit::PerSecond);
    Ok(vec![figure.within(Bar::AtLeast(10_000.0))])
}

/// Deliveries in a second, from the first publish to the last message in a queue.
fn deliver(server: &Server, queues: &[String], (count, round): (usize, usize)) -> Result<f64> {
    let host = server.host();
    let publish = |n| aws::sns(&host, &format!("Action=Publish&TopicArn={TOPIC}&Message=message-{n}"));
    let publishes: Arc<Vec<Bytes>> = Arc::new((0..count).map(publish).collect());
    let started = Instant::now();
    load::run(server.address, &publishes, 8)?;
    for queue in queues {
        while calls::visible(server, queue)? < count * round {
            ensure!(started.elapsed() < Duration::from_secs(300), "not all was delivered");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    Ok(load::rate(count * queues.len(), started.elapsed()))
}
