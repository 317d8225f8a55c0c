//! The first call of functions that share their code, so that it is unpacked already.

use std::cell::{Cell, RefCell};
use std::ffi::OsStr;
use std::sync::Arc;

use anyhow::Result;

use super::{create_empty, invocation};
use crate::floors::runtime::{BareRuntime, Language};
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

const BARS: [(Language, f64); 4] =
    [(Language::Provided, 5.0), (Language::Python, 0.7), (Language::PythonWithSdk, 0.1), (Language::Node, 0.5)];

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let sdk = world.python_sdk()?;
    let ours = world.platform_with(&[OsStr::new("--python-sdk"), sdk.as_os_str()])?;
    let of = |(language, most)| {
        let bare = BareRuntime::new(language, world.folder()?)?.with_sdk(&sdk);
        one(world, &ours, bare, most)
    };
    BARS.into_iter().map(of).collect()
}

fn one(world: &World, ours: &Server, bare: BareRuntime, most: f64) -> Result<Figure> {
    let language = bare.language();
    let (bare, made) = (RefCell::new(bare), Cell::new(0));
    let [ours, floor] = in_turn(
        world.size(15, 5),
        [
            Box::new(|| {
                made.set(made.get() + 1);
                first_call(ours, &format!("cold-{language:?}-{}", made.get()), language)
            }),
            Box::new(|| Ok(p50(&[bare.borrow_mut().cold()?]))),
        ],
    )?;
    let figure = Figure::new(format!("cold start, {}, code cached, p50", language.name()), ours, Unit::Micros);
    Ok(figure.against("bare start of the same with its client", floor, Bar::AtMost(most)))
}

/// In microseconds.
pub(super) fn first_call(ours: &Server, name: &str, language: Language) -> Result<f64> {
    create_empty(ours, name, language)?;
    Ok(p50(&load::run(ours.address, &Arc::new(vec![invocation(ours, name)]), 1)?.each))
}
