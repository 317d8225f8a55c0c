//! A distributed map over the rows of an object, which a function takes in batches.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::calls::{Kind, Machine};
use super::until;
use crate::aws;
use crate::figures::lambda::{create, zipped};
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::world::World;

const BATCH: usize = 500;
const AT_ONCE: usize = 8;
const LONGEST: Duration = Duration::from_secs(600);
const COUNTS: &[u8] = b"def handler(event, context):\n    return len(event['Items'])\n";

/// Rows a second, and how much time ten times the rows take.
pub(super) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let function = create(&ours, "counts", &zipped(&[("main.py", COUNTS)])?, &json!({}))?;
    ours.text(&aws::s3(&ours.host(), "PUT", ("/rows", ""), b""))?;
    let many = world.size(100_000, 20_000);
    let few = many / 10;
    // Once, so that instances are there.
    rows(&ours, &function, few, "first")?;
    let (short, long) = (rows(&ours, &function, few, "few")?, rows(&ours, &function, many, "many")?);
    let count = f64::from(u32::try_from(many)?);
    Ok(vec![
        Figure::new(
            format!("rows of CSV, {many}, through a function in batches of {BATCH}"),
            count / long,
            Unit::PerSecond,
        ),
        Figure::new(format!("the same, {many} rows"), long * 1e6, Unit::Micros).against(
            format!("ten times {few} rows"),
            short * 10.0 * 1e6,
            Bar::Recorded,
        ),
        Figure::new("most resident memory meanwhile", ours.peak()?, Unit::MiB),
    ])
}

/// In seconds.
fn rows(ours: &Server, function: &str, count: usize, name: &str) -> Result<f64> {
    let text: String =
        std::iter::once("id,name\n".to_owned()).chain((0..count).map(|n| format!("{n},row {n}\n"))).collect();
    ours.text(&aws::s3(&ours.host(), "PUT", (&format!("/rows/{name}"), ""), text.as_bytes()))?;
    let machine = Machine::new(ours, name, Kind::Standard, &definition(function, name))?;
    let started = Instant::now();
    ours.call(&machine.start(ours, "StartExecution", 0, &json!({})))?;
    until(LONGEST, || Ok(machine.running(ours)? == 0))?;
    machine.succeeded(ours)?;
    Ok(started.elapsed().as_secs_f64())
}

fn definition(function: &str, object: &str) -> Value {
    let call = json!({ "Type": "Task", "Resource": function, "End": true });
    let processor = json!({
        "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS" },
        "StartAt": "Count",
        "States": { "Count": call },
    });
    let reader = json!({
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": { "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" },
        "Parameters": { "Bucket": "rows", "Key": object },
    });
    let map = json!({
        "Type": "Map",
        "ItemReader": reader,
        "ItemBatcher": { "MaxItemsPerBatch": BATCH },
        "MaxConcurrency": AT_ONCE,
        "ItemProcessor": processor,
        "ResultPath": null,
        "End": true,
    });
    json!({ "StartAt": "All", "States": { "All": map } })
}
