//! The events, page by page.

use maud::{Markup, html};

use super::Scene;
use crate::api::{Trouble, text};
use crate::show;
use crate::trace::Event;

const PAGE: usize = 50;

pub(super) async fn events(scene: &Scene<'_>) -> Result<Markup, Trouble> {
    let events = &scene.history.events;
    let pages = events.len().div_ceil(PAGE).max(1);
    let own = scene.until.and_then(|until| events.iter().position(|event| event.id == until)).map(|at| at / PAGE);
    let asked =
        scene.asked.number("page").and_then(|page| usize::try_from(page).ok()).and_then(|page| page.checked_sub(1));
    let running = text(&scene.execution, "Status") == "RUNNING";
    let page = asked.or(own).or(running.then(|| pages - 1)).unwrap_or(0).min(pages - 1);
    let shown: Vec<&Event> = events.iter().skip(page * PAGE).take(PAGE).collect();
    let whole = match scene.until {
        Some(until) => scene.history.whole(scene.api, &[until]).await?.remove(&until),
        None => None,
    };
    Ok(html! {
        h2 #events { "Events" }
        div.scroll data-keep="events" { table {
            thead { tr { th.number { "Id" } th.number { "After" } th { "Type" } th { "State" } th { "About" } } }
            tbody {
                @for event in shown {
                    (row(scene, event))
                    @if scene.until == Some(event.id) && let Some(whole) = &whole {
                        tr.chosen { td colspan="5" { (show::document(&whole.to_string())) } }
                    }
                }
            }
        } }
        (turn(scene, page, pages))
    })
}

fn row(scene: &Scene<'_>, event: &Event) -> Markup {
    let visit = scene.trace.visit_of(event.id).and_then(|at| scene.trace.visits.get(at));
    let name =
        if event.name.is_empty() { visit.map(|visit| visit.name.as_str()).unwrap_or_default() } else { &event.name };
    let id = event.id.to_string();
    let link = scene.asked.with(&[("event", Some(&id)), ("visit", None), ("state", None), ("page", None)]);
    html! {
        tr.chosen[scene.until == Some(event.id)] {
            td.number { a href=(link) { (id) } }
            td.number { (show::span(event.at - scene.began())) }
            td { (event.kind) }
            td { (name) }
            td.note { (event.note()) }
        }
    }
}

fn turn(scene: &Scene<'_>, page: usize, pages: usize) -> Markup {
    if pages < 2 {
        return html! {};
    }
    let to = |page: usize| scene.asked.with(&[("page", Some(&(page + 1).to_string()))]);
    html! {
        div.pages {
            @if page > 0 { a href=(to(0)) { "first" } a href=(to(page - 1)) { "before" } }
            span { "page " (page + 1) " of " (pages) }
            @if page + 1 < pages { a href=(to(page + 1)) { "next" } a href=(to(pages - 1)) { "last" } }
        }
    }
}
