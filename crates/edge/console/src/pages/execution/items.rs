//! The items of maps, each a square: those that failed are found at once.

use maud::{Markup, html};

use super::Scene;
use crate::trace::{Outcome, Pick, Visit};

/// Squares that are shown of a map.
const SHOWN: usize = 400;

pub(super) fn items(scene: &Scene<'_>) -> Markup {
    let visits = scene.trace.visits.iter().enumerate();
    let maps = visits.filter(|(at, visit)| !visit.items.is_empty() && scene.trace.is_picked(*at, scene.pick));
    html! {
        @for (at, map) in maps.take(8) { (squares(scene, at, map)) }
    }
}

fn squares(scene: &Scene<'_>, at: usize, map: &Visit) -> Markup {
    let failed: Vec<u32> =
        map.items.iter().filter(|(_, how)| **how == Outcome::Failed).map(|(item, _)| *item).collect();
    // Many have gone well: what is worth a look comes first.
    let mut items: Vec<(u32, Outcome)> = map.items.iter().map(|(item, how)| (*item, *how)).collect();
    if items.len() > SHOWN {
        items.sort_by_key(|(item, how)| (*how == Outcome::Succeeded, *item));
        items.truncate(SHOWN);
    }
    let picked = scene.pick.filter(|pick| pick.map == at);
    html! {
        h3 {
            "Items of " (map.name) " (" (map.items.len()) ")"
            @if let Some(first) = failed.first() {
                " – " a href=(to(scene, at, *first)) { (failed.len()) " failed: go to the first" }
            }
            @if picked.is_some() {
                " – " a href=(scene.asked.with(&[("map", None), ("item", None), ("visit", None)])) { "all together" }
            }
        }
        div.items data-keep=(format!("items-{}", map.entered)) {
            @for (item, how) in &items {
                a class=(how.class()) href=(to(scene, at, *item)) title=(how.class())
                    aria-label=(format!("item {item}, {}", how.class()))
                    aria-current=[(picked == Some(Pick { map: at, item: *item })).then_some("true")] { (item) }
            }
        }
        @if items.len() < map.items.len() { p.hint { "Only " (items.len()) " are shown, those first that didn't succeed." } }
    }
}

/// An item, at what failed in it or else at its last state.
fn to(scene: &Scene<'_>, map: usize, item: u32) -> String {
    let entered = scene.trace.visits.get(map).map_or(0, |visit| visit.entered).to_string();
    let item = item.to_string();
    scene.asked.with(&[("map", Some(&entered)), ("item", Some(&item)), ("visit", None), ("state", None)])
}
