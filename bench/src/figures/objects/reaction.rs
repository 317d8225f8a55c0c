//! How soon others hear: from an object to a function, and from a bus to a queue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{BUCKET, create_bucket};
use crate::aws;
use crate::figures::lambda;
use crate::figures::queues::calls;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::median;
use crate::world::World;

const NAME: &str = "reacts";
/// Says when it began, in milliseconds.
const SOURCE: &[u8] = b"import time\ndef handler(event, context):\n    return time.time() * 1000\n";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:heard";

pub(crate) fn events(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let queue = calls::create(&ours, "heard")?;
    let soon = to_function(world, &ours, &queue)?;
    let rate = to_queue(world, &ours)?;
    Ok(vec![
        Figure::new("PutObject answered → function begins, p50", soon * 1000.0, Unit::Micros)
            .within(Bar::AtMost(10_000.0)),
        Figure::new("PutEvents → SQS, events", rate, Unit::PerSecond).within(Bar::AtLeast(5_000.0)),
    ])
}

/// In milliseconds, with an instance that is warm.
fn to_function(world: &World, ours: &Server, queue: &str) -> Result<f64> {
    let host = ours.host();
    let function = lambda::create(ours, NAME, &lambda::zipped(&[("main.py", SOURCE)])?, &json!({}))?;
    create_bucket(ours, BUCKET)?;
    let settings = json!({ "DestinationConfig": { "OnSuccess": { "Destination": QUEUE } } });
    let path = format!("/2019-09-25/functions/{NAME}/event-invoke-config");
    ours.call(&aws::rest(&host, "lambda", "PUT", &path, &settings))?;
    let wanted = format!(
        "<NotificationConfiguration><CloudFunctionConfiguration><CloudFunction>{function}</CloudFunction>\
         <Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration></NotificationConfiguration>"
    );
    ours.text(&aws::s3(&host, "PUT", (BUCKET, "notification="), wanted.as_bytes()))?;
    let mut took = Vec::new();
    for n in 0..=world.size(60, 20) {
        ours.text(&aws::s3(&host, "PUT", (&format!("{BUCKET}/one-{n}"), ""), b"x"))?;
        let answered = now()?;
        let began = heard(ours, queue)?;
        if n > 0 {
            took.push((began - answered).max(0.0));
        }
    }
    Ok(median(took))
}

fn now() -> Result<f64> {
    let millis = jiff::Timestamp::now().as_microsecond();
    Ok(f64::from(u32::try_from(millis / 1_000_000)?) * 1e3 + f64::from(u32::try_from(millis % 1_000_000)?) / 1e3)
}

/// What the next call of the function answered.
fn heard(ours: &Server, queue: &str) -> Result<f64> {
    let answer = ours.call(&calls::receive(ours, queue, 1, 20))?;
    let message = answer.pointer("/Messages/0").context("the function wasn't called")?;
    let input = json!({ "QueueUrl": queue, "ReceiptHandle": lambda::text(message, "ReceiptHandle")? });
    ours.call(&aws::sqs(&ours.host(), "DeleteMessage", &input))?;
    let told: Value = serde_json::from_str(&lambda::text(message, "Body")?)?;
    told.get("responsePayload").and_then(Value::as_f64).with_context(|| format!("no answer in {told}"))
}

/// Events in a second, from the first batch to the last message in the queue.
fn to_queue(world: &World, ours: &Server) -> Result<f64> {
    let host = ours.host();
    let queue = calls::create(ours, "events")?;
    let arn = "arn:aws:sqs:us-east-1:000000000000:events";
    let pattern = json!({ "source": ["bench"] }).to_string();
    ours.call(&aws::events(&host, "PutRule", &json!({ "Name": "all", "EventPattern": pattern })))?;
    let targets = json!({ "Rule": "all", "Targets": [{ "Id": "1", "Arn": arn }] });
    ours.call(&aws::events(&host, "PutTargets", &targets))?;
    let count = world.size(30_000, 5_000);
    let entry = |n: usize| json!({ "Source": "bench", "DetailType": "event", "Detail": format!("{{\"n\":{n}}}") });
    let put = |first: usize| {
        let entries: Vec<Value> = (first * 10..first * 10 + 10).map(entry).collect();
        aws::events(&host, "PutEvents", &json!({ "Entries": entries }))
    };
    let puts: Arc<Vec<Bytes>> = Arc::new((0..count / 10).map(put).collect());
    let started = Instant::now();
    load::run(ours.address, &puts, 16)?;
    while calls::visible(ours, &queue)? < count {
        ensure!(started.elapsed() < Duration::from_secs(300), "not all events have come");
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(load::rate(count, started.elapsed()))
}
