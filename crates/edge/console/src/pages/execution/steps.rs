//! Back and forth through the history.

use maud::{Markup, html};

use super::Scene;
use crate::pages::machines::kept;

pub(super) fn steps(scene: &Scene<'_>) -> Markup {
    let last = scene.history.events.last().map_or(0, |event| event.id);
    if last < 2 {
        return html! {};
    }
    let now = scene.until.unwrap_or(last);
    let to = |event: u64| {
        let event = (event < last).then(|| event.max(1).to_string());
        scene.asked.with(&[("event", event.as_deref()), ("visit", None), ("state", None), ("page", None)])
    };
    let event = scene.history.events.iter().find(|event| event.id == now);
    html! {
        form.steps method="get" data-steps {
            (kept(scene.asked, &["event", "visit", "state", "page"]))
            a.button href=(to(1)) aria-label="The first event" { "«" }
            a.button href=(to(now.saturating_sub(1))) aria-label="The event before" { "‹" }
            input type="range" name="event" min="1" max=(last) value=(now) aria-label="Event";
            a.button href=(to(now + 1)) aria-label="The event after" { "›" }
            a.button href=(to(last)) aria-label="The last event" { "»" }
            button data-scriptless { "Go" }
            span.now {
                "event " (now) " of " (last)
                @if let Some(event) = event { ", " (event.kind) @if !event.name.is_empty() { " " b { (event.name) } } }
            }
        }
    }
}
