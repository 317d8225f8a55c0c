//! Functions that are WebAssembly components: the first call, with compiled code at hand, and the next ones.

use std::cell::Cell;
use std::sync::Arc;

use anyhow::Result;
use serde_json::json;

use super::{create, invocation, zipped};
use crate::floors::http::EmptyServer;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

/// As text: the tests' own, here with a handler that answers with its event.
const TEXT: &str = include_str!("../../../../tests/clients/wasm/handler.wat");
const ECHO: &str = "(call $ok (local.get $event) (local.get $event-size))";
/// One millisecond.
const COLD: f64 = 1000.0;

fn package() -> Result<Vec<u8>> {
    let text = TEXT.replace("%BODY%", ECHO).replace("%FUNCTIONS%", "").replace("%DATA%", "");
    zipped(&[("bootstrap", &wat::parse_str(text)?)])
}

fn deploy(ours: &Server, name: &str, package: &[u8]) -> Result<()> {
    create(ours, name, package, &json!({ "Runtime": "provided.al2023" })).map(drop)
}

pub(super) fn cold(world: &World, ours: &Server) -> Result<Figure> {
    let (package, made, http) = (package()?, Cell::new(0), EmptyServer::start()?);
    // What is compiled here is at hand from then on.
    deploy(ours, "cold-wasm", &package)?;
    ours.call(&invocation(ours, "cold-wasm"))?;
    let [cold, exchange] = in_turn(
        world.size(15, 5),
        [
            Box::new(|| {
                made.set(made.get() + 1);
                let name = format!("cold-wasm-{}", made.get());
                deploy(ours, &name, &package)?;
                Ok(p50(&load::run(ours.address, &Arc::new(vec![invocation(ours, &name)]), 1)?.each))
            }),
            Box::new(|| Ok(p50(&http.exchange(1, 1)?.each))),
        ],
    )?;
    let figure = Figure::new("cold start, WebAssembly component, code cached, p50", cold, Unit::Micros);
    Ok(figure.within(Bar::AtMost(COLD)).against("an empty HTTP exchange", exchange, Bar::Recorded))
}

pub(super) fn warm(world: &World, ours: &Server) -> Result<Figure> {
    deploy(ours, "warm-wasm", &package()?)?;
    let calls = Arc::new(vec![invocation(ours, "warm-wasm"); world.size(1_000, 300)]);
    let http = EmptyServer::start()?;
    let [warm, exchange] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(p50(&load::run(ours.address, &calls, 1)?.each))),
            Box::new(|| Ok(p50(&http.exchange(1, calls.len())?.each))),
        ],
    )?;
    let figure = Figure::new("warm Invoke, empty WebAssembly handler, p50", warm, Unit::Micros);
    Ok(figure.against("an empty HTTP exchange", exchange, Bar::Recorded))
}
