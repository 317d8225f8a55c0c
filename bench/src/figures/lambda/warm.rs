//! Calls of an instance that is there.

use std::cell::RefCell;
use std::sync::Arc;

use anyhow::Result;

use super::{create_empty, invocation};
use crate::floors::http::EmptyServer;
use crate::floors::runtime::{BareRuntime, Language};
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

const AT_ONCE: usize = 32;

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let mut figures = Vec::new();
    for language in [Language::Python, Language::Node, Language::Provided] {
        figures.push(one(world, &ours, language)?);
    }
    figures.push(many(world, &ours)?);
    Ok(figures)
}

fn one(world: &mut World, ours: &Server, language: Language) -> Result<Figure> {
    let name = format!("warm-{language:?}");
    create_empty(ours, &name, language)?;
    let calls = Arc::new(vec![invocation(ours, &name); world.size(1_000, 300)]);
    let bare = RefCell::new(BareRuntime::new(language, world.folder()?)?);
    let http = EmptyServer::start()?;
    let [ours, floor, exchange] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(p50(&load::run(ours.address, &calls, 1)?.each))),
            Box::new(|| Ok(p50(&bare.borrow_mut().warm(calls.len())?))),
            Box::new(|| Ok(p50(&http.exchange(1, calls.len())?.each))),
        ],
    )?;
    let figure = Figure::new(format!("warm Invoke, empty {} handler, p50", language.name()), ours, Unit::Micros);
    let figure = figure.against("bare Runtime API round trip", floor, Bar::AtMost(1.5));
    // Whoever calls and whoever is called are processes of their own: a call is an exchange with each.
    Ok(figure.against("the same and an empty HTTP exchange", floor + exchange, Bar::AtMost(1.3)))
}

/// The client takes its part of the machine, too.
fn many(world: &World, ours: &Server) -> Result<Figure> {
    let name = format!("warm-{:?}", Language::Python);
    let calls = Arc::new(vec![invocation(ours, &name); world.size(4_000, 1_000)]);
    let [many, one] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(load::run(ours.address, &calls, AT_ONCE)?.rate())),
            Box::new(|| Ok(load::run(ours.address, &calls, 1)?.rate())),
        ],
    )?;
    let figure = Figure::new(format!("warm Invoke, Python, {AT_ONCE} clients"), many, Unit::PerSecond);
    Ok(figure.against("one client", one, Bar::Recorded))
}
