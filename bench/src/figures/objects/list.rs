//! The same page of a small and of a large bucket: flat is the point.

use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;

use super::create_bucket;
use crate::aws;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

const SMALL: usize = 2_000;

pub(crate) fn list(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let large = world.size(1_000_000, 20_000);
    for (bucket, count) in [("/small", SMALL), ("/large", large)] {
        create_bucket(&ours, bucket)?;
        fill(&ours, bucket, count)?;
    }
    let pages = world.size(60, 20);
    let [of_large, of_small] = in_turn(
        world.rounds(),
        [Box::new(|| page(&ours, "/large", pages)), Box::new(|| page(&ours, "/small", pages))],
    )?;
    let figure = Figure::new(format!("ListObjectsV2 of 1000 of {large} keys, p50"), of_large, Unit::Micros);
    Ok(vec![figure.against(format!("of {SMALL} keys"), of_small, Bar::AtMost(1.3))])
}

fn fill(server: &Server, bucket: &str, count: usize) -> Result<()> {
    let host = server.host();
    for portion in (0..count).collect::<Vec<_>>().chunks(50_000) {
        let put = |n: &usize| aws::s3(&host, "PUT", (&format!("{bucket}/key-{n:07}"), ""), b"x");
        let puts: Vec<Bytes> = portion.iter().map(put).collect();
        load::run(server.address, &Arc::new(puts), 32)?;
    }
    Ok(())
}

/// From the middle of the first two thousand, so that both have a thousand behind it.
fn page(server: &Server, bucket: &str, count: usize) -> Result<f64> {
    let query = "list-type=2&max-keys=1000&start-after=key-0000500";
    let requests = vec![aws::s3(&server.host(), "GET", (bucket, query), &[]); count];
    Ok(p50(&load::run(server.address, &Arc::new(requests), 1)?.each))
}
