//! An execution: what happened, where it is, and why it failed.

mod actions;
mod events;
mod items;
mod logs;
mod panel;
mod steps;
mod timeline;
mod variables;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};
use updraft_kernel::ports::{HttpBody, HttpResponse};

use super::frame::{Frame, page};
use super::machine::{self, fitting};
use crate::api::{Api, Trouble, text};
use crate::asked::{Asked, link};
use crate::graph::{self, Mark, Marks};
use crate::trace::{History, Outcome, Pick, Trace, fold, why};
use crate::{reply, show};

pub(crate) use actions::{redriven, stopped, told};

/// Everything that the parts of the page are made of.
pub(super) struct Scene<'a> {
    pub(super) api: &'a Api,
    pub(super) asked: &'a Asked,
    pub(super) arn: &'a str,
    pub(super) execution: Value,
    pub(super) definition: Value,
    pub(super) history: Arc<History>,
    /// As of the event that is looked at, or of now.
    pub(super) trace: Trace,
    /// The event up to which time has been turned back.
    pub(super) until: Option<u64>,
    pub(super) pick: Option<Pick>,
    /// The visit whose panel is shown.
    pub(super) chosen: Option<usize>,
}

/// Stands in the frame where what isn't known yet comes.
const LATER: &str = "<!--later-->";

/// The page, of which the beginning is sent before the history has been read: that may be long.
pub(crate) async fn execution(api: &Api, asked: &Asked, arn: &str) -> Result<HttpResponse, Trouble> {
    let described = api.sfn("DescribeExecution", json!({ "ExecutionArn": arn })).await?;
    let frame = page(
        api,
        asked,
        &Frame { title: text(&described, "Name"), room: "states/executions" },
        &html! {
            section #part-head { (title(&described)) (PreEscaped(LATER)) }
            (PreEscaped(LATER))
        },
    )
    .into_string();
    let mut parts = frame.split(LATER).map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    let (first, between, last) = (next(), next(), next());
    // What has ended meanwhile is followed to that end: its title is sent already.
    let running = text(&described, "Status") == "RUNNING";
    let (api, asked, arn) = (api.clone(), asked.clone(), arn.to_owned());
    let rest = async move {
        // What was made so far is sent when whoever sends it has to wait.
        tokio::task::yield_now().await;
        let (head, sections) = match rest(&api, &asked, &arn, running).await {
            Ok(made) => made,
            Err(trouble) => (html! { p.trouble { (trouble.what) ": " (trouble.message) } }, html! {}),
        };
        format!("{}{between}{}{last}", head.into_string(), sections.into_string())
    };
    let pieces = stream::iter([first]).chain(stream::once(rest)).map(|piece| Ok::<_, io::Error>(Bytes::from(piece)));
    Ok(reply::of(200, reply::HTML, HttpBody::Pieces(pieces.boxed())))
}

/// What comes behind the title, and the other parts.
async fn rest(api: &Api, asked: &Asked, arn: &str, running: bool) -> Result<(Markup, Markup), Trouble> {
    let scene = scene(api, asked, arn).await?;
    let last = scene.history.events.last().map_or(0, |event| event.id).to_string();
    let live = link(&["states", "executions", arn, "live"], &[("after", &last)]);
    let panel = panel::panel(&scene).await?;
    let (actions, events) = (actions::actions(&scene).await?, events::events(&scene).await?);
    let sections = html! {
        div #live data-live=[(running && scene.until.is_none()).then_some(live)] {}
        section #part-actions { (actions) }
        section #part-steps { (steps::steps(&scene)) }
        div.split {
            section #part-graph { div.head { h2 { "Workflow" } span.exports { (fitting(asked)) (exports(&scene)) } } div.canvas data-keep="canvas" { (picture(&scene)) } (items::items(&scene)) }
            section #part-panel { (panel) }
        }
        section #part-timeline { (timeline::timeline(&scene)) }
        section #part-events { (events) }
    };
    Ok((head(&scene), sections))
}

async fn scene<'a>(api: &'a Api, asked: &'a Asked, arn: &'a str) -> Result<Scene<'a>, Trouble> {
    let asks = json!({ "ExecutionArn": arn });
    let execution = api.sfn("DescribeExecution", asks.clone()).await?;
    let machine = api.sfn("DescribeStateMachineForExecution", asks).await?;
    let definition = serde_json::from_str(text(&machine, "Definition")).unwrap_or_default();
    let history = api.known.history(api, &execution).await?;
    let last = history.events.last().map_or(0, |event| event.id);
    let until = asked.number("event").filter(|event| (1..last).contains(event));
    let seen = until.map_or(history.events.len(), |until| history.events.partition_point(|event| event.id <= until));
    let trace = fold(history.events.get(..seen).unwrap_or_default());
    let mut scene = Scene { api, asked, arn, execution, definition, history, trace, until, pick: None, chosen: None };
    scene.pick = scene.picked();
    scene.chosen = scene.choice();
    Ok(scene)
}

impl Scene<'_> {
    fn picked(&self) -> Option<Pick> {
        let (map, item) = (self.asked.number("map")?, self.asked.number("item")?);
        Some(Pick { map: self.at(map)?, item: u32::try_from(item).ok()? })
    }

    /// The visit that began with this event.
    fn at(&self, entered: u64) -> Option<usize> {
        self.trace.visits.binary_search_by_key(&entered, |visit| visit.entered).ok()
    }

    /// The visit that is asked for by its event or its state's name; else where time was turned back to; else what failed.
    fn choice(&self) -> Option<usize> {
        let by_visit = self.asked.number("visit").and_then(|entered| self.at(entered));
        let by_name = || {
            self.asked.get("state").and_then(|name| self.visits_of(name).into_iter().max_by_key(|at| self.rank(*at)))
        };
        if self.asked.get("visit").is_some() || self.asked.get("state").is_some() {
            return by_visit.or_else(by_name);
        }
        let by_event = || self.until.and_then(|event| self.trace.visit_of(event));
        by_event().or_else(|| self.trace.culprit().map(|(at, _)| at))
    }

    /// What is shown of several visits: what failed or runs, and the last.
    fn rank(&self, at: usize) -> (Outcome, usize) {
        let outcome = self.trace.visits.get(at).map_or(Outcome::Succeeded, |visit| visit.outcome);
        let in_item = !self.trace.items_around(at).is_empty();
        (if in_item { outcome } else { Outcome::Succeeded }, at)
    }

    /// All visits of a state that are looked at.
    pub(super) fn visits_of(&self, name: &str) -> Vec<usize> {
        let all = self.trace.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        all.iter().copied().filter(|at| self.trace.is_picked(*at, self.pick)).collect()
    }

    /// This page, with another visit in its panel.
    pub(super) fn link_to(&self, at: usize) -> String {
        let visit = self.trace.visits.get(at);
        let entered = visit.map_or(0, |visit| visit.entered).to_string();
        let pick = self.trace.items_around(at).into_iter().next();
        let map = pick.and_then(|pick| self.trace.visits.get(pick.map)).map(|map| map.entered.to_string());
        let item = pick.map(|pick| pick.item.to_string());
        let (state, visit) = (visit.map(|visit| visit.name.as_str()), Some(entered.as_str()));
        self.asked.with(&[("state", state), ("visit", visit), ("map", map.as_deref()), ("item", item.as_deref())])
    }

    /// When the execution began, in milliseconds since the epoch.
    pub(super) fn began(&self) -> i64 {
        self.history.events.first().map_or(0, |event| event.at)
    }

    /// The last moment that is known of.
    pub(super) fn now(&self) -> i64 {
        let seen = match self.until {
            Some(until) => self.history.events.iter().rfind(|event| event.id <= until),
            None => self.history.events.last(),
        };
        let seen = seen.map_or(0, |event| event.at);
        let runs = text(&self.execution, "Status") == "RUNNING" && self.until.is_none();
        if runs { seen.max(self.api.cx.now().0) } else { seen }
    }
}

/// Ways to the graph as a file, as of the event that is looked at.
fn exports(scene: &Scene<'_>) -> Markup {
    let query: Vec<(&str, &str)> =
        ["event", "map", "item"].into_iter().filter_map(|name| Some((name, scene.asked.get(name)?))).collect();
    machine::pictures(&["states", "executions", scene.arn, "graph.svg"], &query)
}

fn title(execution: &Value) -> Markup {
    html! {
        div.head {
            h1 { (text(execution, "Name")) }
            span { (show::status(text(execution, "Status"))) }
        }
    }
}

fn head(scene: &Scene<'_>) -> Markup {
    let (execution, machine) = (&scene.execution, text(&scene.execution, "StateMachineArn"));
    let (from, to) = (show::millis(execution.get("StartDate")), show::millis(execution.get("StopDate")));
    let took = to.unwrap_or_else(|| scene.now()) - from.unwrap_or_else(|| scene.began());
    let why = why(execution, &scene.trace, &|at| scene.link_to(at)).filter(|_| scene.until.is_none());
    html! {
        @if let Some(why) = why { p.why role="status" { (why) } }
        dl.facts {
            div { dt { "State machine" } dd { a href=(link(&["states", "machines", machine], &[])) { (show::last(machine)) } } }
            div { dt { "Started" } dd { (show::time(from)) } }
            div { dt { @if to.is_some() { "Took" } @else { "Running for" } } dd { (show::span(took)) } }
            div { dt { "Events" } dd { (scene.history.events.len()) } }
            @for (name, member, room) in [("Map run", "MapRunArn", "map-runs"), ("Version", "StateMachineVersionArn", "machines"), ("Alias", "StateMachineAliasArn", "machines")] {
                @let arn = text(execution, member);
                @if !arn.is_empty() { div { dt { (name) } dd { a href=(link(&["states", room, arn], &[])) { (show::last(arn)) } } } }
            }
            @if execution.get("RedriveCount").and_then(Value::as_u64).unwrap_or(0) > 0 {
                div { dt { "Redriven" } dd { (execution.get("RedriveCount").cloned().unwrap_or_default()) "×" } }
            }
            div.wide { dt { "ARN" } dd { code { (scene.arn) } } }
        }
    }
}

/// The graph as a file, coloured as this page shows it.
pub(crate) async fn drawn(api: &Api, asked: &Asked, arn: &str) -> Result<HttpResponse, Trouble> {
    let scene = scene(api, asked, arn).await?;
    let graph = graph::read(&scene.definition);
    let light = asked.is_set("light");
    Ok(machine::svg(marked(&scene, false, &|marks| graph::standalone(&graph, marks, light))))
}

fn picture(scene: &Scene<'_>) -> Markup {
    marked(scene, true, &|marks| graph::picture(&graph::read(&scene.definition), marks))
}

/// What `draw` makes of how the states went. `leads`: to their panels.
fn marked<T>(scene: &Scene<'_>, leads: bool, draw: &dyn Fn(&Marks<'_>) -> T) -> T {
    let of = |name: &str| {
        let visits = scene.visits_of(name);
        let Some(shown) = visits.iter().copied().max_by_key(|at| scene.rank(*at)) else { return Mark::default() };
        let outcome = scene.trace.visits.get(shown).map_or(Outcome::Running, |visit| visit.outcome);
        let badge = if visits.len() > 1 { format!("×{}", visits.len()) } else { String::new() };
        Mark { class: outcome.class(), sign: outcome.sign(), badge }
    };
    let link = |name: &str| leads.then(|| scene.asked.with(&[("state", Some(name)), ("visit", None)]));
    let named = scene.asked.get("state");
    let chosen = scene
        .chosen
        .filter(|_| leads)
        .and_then(|at| scene.trace.visits.get(at))
        .map(|visit| visit.name.as_str())
        .or(named);
    draw(&Marks { of: &of, link: &link, chosen, fits: scene.asked.get("graph") == Some("fit") })
}
