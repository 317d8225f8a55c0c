//! When states were at work.

use maud::{Markup, html};

use super::Scene;
use crate::show;
use crate::trace::Visit;

/// Rows that are shown.
const SHOWN: usize = 120;

pub(super) fn timeline(scene: &Scene<'_>) -> Markup {
    let visits = scene.trace.visits.iter().enumerate();
    let mut rows: Vec<(usize, &Visit)> = visits.filter(|(at, _)| scene.trace.is_picked(*at, scene.pick)).collect();
    let all = rows.len();
    if all > SHOWN {
        // Items of a map say little side by side: the way as a whole comes first.
        let outside: Vec<_> = rows.iter().copied().filter(|(at, _)| within_no_item(scene, *at)).collect();
        rows = if scene.pick.is_some() || outside.is_empty() { rows } else { outside };
        rows.truncate(SHOWN);
    }
    let whole = (scene.now() - scene.began()).max(1);
    html! {
        h2 { "Timeline" }
        @if rows.is_empty() { p.none { "No state has been entered yet." } }
        ol.gantt {
            @for (at, visit) in &rows { (row(scene, *at, visit, whole)) }
        }
        @if rows.len() < all {
            p.hint { "Shown are " (rows.len()) " of " (all) " visits. Pick an item of a map to see what happened in it." }
        }
    }
}

fn within_no_item(scene: &Scene<'_>, at: usize) -> bool {
    scene.trace.items_around(at).is_empty()
}

fn row(scene: &Scene<'_>, at: usize, visit: &Visit, whole: i64) -> Markup {
    let from = visit.from - scene.began();
    let took = visit.to.unwrap_or_else(|| scene.now()) - visit.from;
    let depth = depth(scene, at).min(5);
    let class = format!("depth{depth} {}", visit.outcome.class());
    html! {
        li class=(class) aria-current=[(scene.chosen == Some(at)).then_some("true")] {
            a href=(scene.link_to(at)) { (visit.name) }
            svg width="100%" height="14" role="img" aria-label=(format!("{}, after {}, for {}", visit.outcome.class(), show::span(from), show::span(took))) {
                rect.track width="100%" height="14" rx="3" {}
                rect.bar x=(percent(from, whole)) width=(percent(took, whole)) height="14" rx="3" {}
                @if took * 300 < whole { rect.bar x=(percent(from.min(whole - whole / 300), whole)) width="3" height="14" {} }
            }
            span { (show::span(took)) @if visit.tries > 1 { " · " (visit.tries) " tries" } }
        }
    }
}

fn depth(scene: &Scene<'_>, at: usize) -> usize {
    let outer = |at: &usize| scene.trace.visits.get(*at).and_then(|visit| visit.inside).map(|(at, _)| at);
    std::iter::successors(outer(&at), outer).count()
}

/// With two places: `33.33%`.
fn percent(part: i64, whole: i64) -> String {
    let part = i128::from(part.clamp(0, whole)) * 10_000 / i128::from(whole);
    format!("{}.{:02}%", part / 100, part % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_of_the_whole() {
        assert_eq!(percent(1, 3), "33.33%");
        assert_eq!(percent(-1, 3), "0.00%");
        assert_eq!(percent(i64::MAX, i64::MAX), "100.00%");
    }
}
