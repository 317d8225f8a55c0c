//! A graph as SVG.

use maud::{Markup, PreEscaped, html};

use super::layout::{Laid, Link, Size, lay_out};
use super::read::{EdgeKind, Graph, Node};

/// More states than this of one level are no picture any more.
const DRAWN: usize = 250;
const NODE_HEIGHT: f64 = 46.0;
const HEAD: f64 = 44.0;
const PAD: f64 = 14.0;
/// Letters of a label.
const LABEL: usize = 30;

/// What a state looks like in an execution.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mark {
    /// A class of the style sheet: `succeeded`.
    pub(crate) class: &'static str,
    /// A sign for it, so that it doesn't take colours.
    pub(crate) sign: &'static str,
    /// `×3`.
    pub(crate) badge: String,
}

impl Marks<'_> {
    /// Of no execution.
    pub(crate) const fn none(fits: bool) -> Self {
        Self { of: &|_| Mark { class: "", sign: "", badge: String::new() }, link: &|_| None, chosen: None, fits }
    }
}

/// What is told of states, and where they lead.
pub(crate) struct Marks<'a> {
    pub(crate) of: &'a dyn Fn(&str) -> Mark,
    pub(crate) link: &'a dyn Fn(&str) -> Option<String>,
    pub(crate) chosen: Option<&'a str>,
    /// Made as small as there is room.
    pub(crate) fits: bool,
}

struct Drawn<'a> {
    graph: &'a Graph,
    laid: Laid,
    sizes: Vec<Size>,
    inner: Vec<Vec<Drawn<'a>>>,
}

/// The graph, to stand in a page.
pub(crate) fn picture(graph: &Graph, marks: &Marks<'_>) -> Markup {
    if !is_drawable(graph) {
        return html! { p.none { "These are too many states for a picture." } };
    }
    let drawn = compose(graph);
    let (width, height) = (drawn.laid.width + 2.0 * PAD, drawn.laid.height + 2.0 * PAD);
    let class = if width < 700.0 || marks.fits { "graph fits" } else { "graph" };
    html! {
        svg class=(class) xmlns="http://www.w3.org/2000/svg" width=(round(width)) height=(round(height))
            viewBox=(format!("0 0 {width:.0} {height:.0}")) role="group" aria-label="The workflow's states" {
            defs {
                (arrow("arrow")) (arrow("arrow-catch"))
            }
            (at((PAD, PAD), &level(&drawn, marks)))
        }
    }
}

/// The same as a file of its own. `light`: on a light ground wherever it is looked at.
pub(crate) fn standalone(graph: &Graph, marks: &Marks<'_>, light: bool) -> String {
    let style = include_str!("../../static/graph.css");
    let style = if light { style.split("@media").next().unwrap_or_default() } else { style };
    picture(graph, marks).into_string().replacen("<defs>", &format!("<style>{style}</style><defs>"), 1)
}

fn is_drawable(graph: &Graph) -> bool {
    graph.nodes.len() <= DRAWN && graph.nodes.iter().flat_map(|node| &node.inner).all(is_drawable)
}

fn compose(graph: &Graph) -> Drawn<'_> {
    let inner: Vec<Vec<Drawn<'_>>> = graph.nodes.iter().map(|node| node.inner.iter().map(compose).collect()).collect();
    let sizes: Vec<Size> = graph.nodes.iter().zip(&inner).map(|(node, inner)| size(node, inner)).collect();
    let link = |edge: &super::read::Edge| Link { from: edge.from, to: edge.to, label: label_size(&edge.label) };
    let links: Vec<Link> = graph.edges.iter().map(link).collect();
    Drawn { graph, laid: lay_out(&sizes, &links), sizes, inner }
}

fn size(node: &Node, inner: &[Drawn<'_>]) -> Size {
    if matches!(node.kind.as_str(), "Start" | "End") {
        return Size { width: 64.0, height: 26.0 };
    }
    let own = (letters(&node.name) * 7.6 + 66.0).max(letters(&node.about) * 6.4 + 30.0);
    let own = own.clamp(120.0, 290.0);
    if inner.is_empty() {
        return Size { width: own, height: NODE_HEIGHT };
    }
    let width = inner.iter().map(|drawn| drawn.laid.width + PAD).sum::<f64>() + PAD;
    let height = inner.iter().map(|drawn| drawn.laid.height).fold(0.0, f64::max);
    Size { width: width.max(own), height: height + HEAD + PAD }
}

fn letters(text: &str) -> f64 {
    u32::try_from(text.chars().count()).map_or(0.0, f64::from)
}

fn label_size(label: &str) -> Option<Size> {
    (!label.is_empty()).then(|| Size { width: letters(&short(label, LABEL)) * 6.1 + 10.0, height: 16.0 })
}

/// So many letters at most.
pub(crate) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

fn level(drawn: &Drawn<'_>, marks: &Marks<'_>) -> Markup {
    let nodes = drawn.graph.nodes.iter().zip(&drawn.sizes).zip(&drawn.laid.corners).zip(&drawn.inner);
    let edges = drawn.graph.edges.iter().zip(&drawn.laid.ways);
    html! {
        @for (edge, (way, _)) in edges.clone() {
            @let (class, arrow) = match edge.kind {
                EdgeKind::Catch => ("edge catch", "url(#arrow-catch)"),
                EdgeKind::Next | EdgeKind::Choice => ("edge", "url(#arrow)"),
            };
            path class=(class) d=(way) marker-end=(arrow) {}
        }
        @for (((node, size), corner), inner) in nodes {
            (at(*corner, &state(node, *size, inner, marks)))
        }
        @for (edge, (_, label)) in edges {
            @if let Some((x, y)) = label { (written(edge, (*x, *y))) }
        }
    }
}

fn at((x, y): (f64, f64), what: &Markup) -> Markup {
    html! { g transform=(format!("translate({x:.1},{y:.1})")) { (what) } }
}

fn written(edge: &super::read::Edge, (x, y): (f64, f64)) -> Markup {
    let text = short(&edge.label, LABEL);
    let width = letters(&text) * 6.1 + 8.0;
    let class = if edge.kind == EdgeKind::Catch { "label catch" } else { "label" };
    html! {
        g class=(class) {
            title { (edge.label) }
            rect x=(round(x - width / 2.0)) y=(round(y - 8.0)) width=(round(width)) height="16" rx="3" {}
            text x=(round(x)) y=(round(y + 4.0)) text-anchor="middle" { (text) }
        }
    }
}

fn state(node: &Node, size: Size, inner: &[Drawn<'_>], marks: &Marks<'_>) -> Markup {
    if matches!(node.kind.as_str(), "Start" | "End") {
        return html! {
            rect.terminal width=(round(size.width)) height=(round(size.height)) rx="13" {}
            text.terminal x=(round(size.width / 2.0)) y="17" text-anchor="middle" { (node.name) }
        };
    }
    let mark = (marks.of)(&node.name);
    let chosen = marks.chosen == Some(node.name.as_str());
    let kind = node.kind.to_lowercase();
    let known = ["task", "choice", "wait", "pass", "parallel", "map", "succeed", "fail"];
    let kind = known.into_iter().find(|known| *known == kind).unwrap_or_default();
    let class = format!("state {kind} {}{}", mark.class, if chosen { " chosen" } else { "" });
    let head = html! {
        title { (node.name) ", " (node.about) @if !mark.class.is_empty() { ", " (mark.class) } }
        rect.box width=(round(size.width)) height=(round(size.height)) rx="8" {}
        path.stripe d=(format!("M8,0.5H5V{0:.1}H8Q0.5,{0:.1} 0.5,{1:.1}V8Q0.5,0.5 8,0.5Z", size.height - 0.5, size.height - 8.0)) {}
        text.name x="16" y="20" { (short(&node.name, fitting(size.width - 65.0, 7.6))) }
        text.about x="16" y="36" { (short(&node.about, fitting(size.width - 29.0, 6.4))) }
        @if !mark.sign.is_empty() {
            text.sign x=(round(size.width - 10.0)) y="20" text-anchor="end" { (mark.badge) " " (mark.sign) }
        }
    };
    html! {
        g class=(class) {
            @match (marks.link)(&node.name) {
                Some(link) => { a href=(link) data-state=(node.name) { (head) } }
                None => { (head) }
            }
        }
        (nested(size, inner, marks))
    }
}

/// What runs within, side by side in the middle.
fn nested(size: Size, inner: &[Drawn<'_>], marks: &Marks<'_>) -> Markup {
    let taken = inner.iter().map(|drawn| drawn.laid.width + PAD).sum::<f64>() - PAD;
    let mut x = (size.width - taken) / 2.0;
    html! {
        @for drawn in inner {
            (at((x, HEAD), &level(drawn, marks)))
            @let () = x += drawn.laid.width + PAD;
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width of a few hundred")]
fn fitting(width: f64, letter: f64) -> usize {
    (width / letter).max(1.0) as usize
}

fn arrow(id: &str) -> PreEscaped<String> {
    html! {
        marker id=(id) viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse" {
            path class=(id) d="M0,0L8,4L0,8z" {}
        }
    }
}

fn round(length: f64) -> String {
    format!("{length:.0}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::read;
    use super::*;

    #[test]
    fn names_are_escaped_and_long_ones_cut() {
        let name = "<script>alert('long enough to be cut')</script>";
        let graph = read(&json!({ "StartAt": name, "States": { name: { "Type": "Pass", "End": true } } }));
        let drawn = standalone(&graph, &Marks::none(false), false);
        assert!(!drawn.contains("<script>"), "{drawn}");
        assert!(drawn.contains("&lt;script&gt;") && drawn.contains('…'));
    }

    #[test]
    fn what_is_within_is_drawn_within() {
        let graph =
            read(&json!({ "StartAt": "All", "States": { "All": { "Type": "Parallel", "End": true, "Branches": [
            { "StartAt": "A", "States": { "A": { "Type": "Pass", "End": true } } },
            { "StartAt": "B", "States": { "B": { "Type": "Pass", "End": true } } },
        ] } } }));
        let drawn = compose(&graph);
        assert_eq!(drawn.inner[0].len(), 2);
        assert!(drawn.sizes[0].width >= 2.0 * 120.0 && drawn.sizes[0].height > NODE_HEIGHT);
    }
}
