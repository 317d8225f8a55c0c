//! What there is to draw of a definition. Nothing here fails: an editor shows what is there so far.

use std::collections::HashMap;

use serde_json::Value;

use super::conditions;
use crate::api::{list, text};

/// The states of one level.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    /// `Task`, `Choice` and so on; `Start` and `End` are the two that stand for no state.
    pub(crate) kind: String,
    /// What it does, in a few words.
    pub(crate) about: String,
    /// A map's processor, or the branches of a parallel state.
    pub(crate) inner: Vec<Graph>,
}

#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: EdgeKind,
    /// When it is taken; empty where that needs no words.
    pub(crate) label: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EdgeKind {
    Next,
    Choice,
    Catch,
}

/// Of a whole definition: with where it starts and ends.
pub(crate) fn read(definition: &Value) -> Graph {
    let mut graph = level(definition);
    let start = node("Start", "Start");
    let first = position(&graph, text(definition, "StartAt"));
    let ends: Vec<usize> =
        states(definition).enumerate().filter(|(_, (_, state))| ends(state)).map(|(at, _)| at).collect();
    let (from, to) = (graph.nodes.len(), graph.nodes.len() + 1);
    graph.nodes.extend([start, node("End", "End")]);
    let plain = |from, to| Edge { from, to, kind: EdgeKind::Next, label: String::new() };
    // The first edge is where laying out begins.
    graph.edges.splice(0..0, first.map(|first| plain(from, first)));
    graph.edges.extend(ends.into_iter().map(|at| plain(at, to)));
    graph
}

fn node(name: &str, kind: &str) -> Node {
    Node { name: name.to_owned(), kind: kind.to_owned(), about: String::new(), inner: Vec::new() }
}

fn states(level: &Value) -> impl Iterator<Item = (&String, &Value)> {
    level.get("States").and_then(Value::as_object).into_iter().flatten()
}

fn ends(state: &Value) -> bool {
    state.get("End") == Some(&Value::Bool(true)) || matches!(text(state, "Type"), "Succeed" | "Fail")
}

fn position(graph: &Graph, name: &str) -> Option<usize> {
    graph.nodes.iter().position(|node| node.name == name)
}

fn level(definition: &Value) -> Graph {
    let nodes = states(definition).map(|(name, state)| Node {
        name: name.clone(),
        kind: text(state, "Type").to_owned(),
        about: about(state),
        inner: inner(state),
    });
    let mut graph = Graph { nodes: nodes.collect(), edges: Vec::new() };
    let names: HashMap<&str, usize> =
        graph.nodes.iter().enumerate().map(|(at, node)| (node.name.as_str(), at)).collect();
    let edges = states(definition).enumerate().flat_map(|(from, (_, state))| {
        let known = |(to, kind, label): (&str, EdgeKind, String)| Some(Edge { from, to: *names.get(to)?, kind, label });
        ways_on(state).into_iter().filter_map(known).collect::<Vec<_>>()
    });
    graph.edges = merged(edges.collect());
    graph
}

/// Where it goes on to, and when.
fn ways_on(state: &Value) -> Vec<(&str, EdgeKind, String)> {
    let mut ways = Vec::new();
    if let Some(next) = state.get("Next").and_then(Value::as_str) {
        ways.push((next, EdgeKind::Next, String::new()));
    }
    for rule in list(state, "Choices") {
        ways.push((text(rule, "Next"), EdgeKind::Choice, conditions::said(rule)));
    }
    if let Some(next) = state.get("Default").and_then(Value::as_str) {
        ways.push((next, EdgeKind::Choice, "otherwise".to_owned()));
    }
    for catcher in list(state, "Catch") {
        let errors: Vec<&str> = list(catcher, "ErrorEquals").iter().filter_map(Value::as_str).collect();
        let label = if errors == ["States.ALL"] { "any error".to_owned() } else { errors.join(", ") };
        ways.push((text(catcher, "Next"), EdgeKind::Catch, label));
    }
    ways
}

/// One edge where several of a kind go the same way.
fn merged(edges: Vec<Edge>) -> Vec<Edge> {
    let mut kept: Vec<Edge> = Vec::new();
    for edge in edges {
        let same = kept.iter_mut().find(|one| (one.from, one.to, one.kind) == (edge.from, edge.to, edge.kind));
        match same {
            Some(one) => one.label = format!("{} or {}", one.label, edge.label),
            None => kept.push(edge),
        }
    }
    kept
}

fn inner(state: &Value) -> Vec<Graph> {
    let processor = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
    let levels = processor.into_iter().chain(list(state, "Branches"));
    levels.map(level).filter(|graph| !graph.nodes.is_empty()).collect()
}

fn about(state: &Value) -> String {
    match text(state, "Type") {
        "Task" => resource(state),
        "Wait" => wait(state),
        "Map" => {
            let processor = state.get("ItemProcessor").and_then(|one| one.get("ProcessorConfig"));
            let mode = processor.map(|config| text(config, "Mode")).unwrap_or_default();
            if mode == "DISTRIBUTED" { "Map, distributed".to_owned() } else { "Map".to_owned() }
        }
        "Fail" => Some(text(state, "Error")).filter(|error| !error.is_empty()).unwrap_or("Fail").to_owned(),
        kind => kind.to_owned(),
    }
}

/// `lambda:charge`, `dynamodb:putItem`.
fn resource(state: &Value) -> String {
    let resource = text(state, "Resource");
    let arguments = state.get("Parameters").or_else(|| state.get("Arguments"));
    let function = arguments.map(|given| text(given, "FunctionName")).unwrap_or_default();
    if resource.contains(":states:::lambda:invoke") && !function.is_empty() {
        let waits = if resource.ends_with(".waitForTaskToken") { ", waits for a token" } else { "" };
        return format!("λ {}{waits}", last(function));
    }
    if resource.contains(":lambda:") && resource.contains(":function:") {
        return format!("λ {}", resource.split(":function:").last().unwrap_or_default());
    }
    if resource.contains(":activity:") {
        return format!("activity {}", last(resource));
    }
    resource.split(":states:::").last().unwrap_or_default().replace("aws-sdk:", "")
}

fn last(arn: &str) -> &str {
    match arn.split_once(":function:") {
        Some((_, name)) => name,
        None => arn.rsplit(':').next().unwrap_or_default(),
    }
}

fn wait(state: &Value) -> String {
    let value =
        |name: &str| state.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let spans = ["Seconds", "SecondsPath"].into_iter().find_map(value).map(|span| format!("Wait {span} s"));
    let until = ["Timestamp", "TimestampPath"].into_iter().find_map(value).map(|at| format!("Wait until {at}"));
    spans.or(until).unwrap_or_else(|| "Wait".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn levels_edges_and_words_are_read() {
        let graph = read(&json!({ "StartAt": "Pay", "States": {
            "Pay": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": { "FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:charge" },
                "Next": "Each", "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Sorry" }] },
            "Each": { "Type": "Map", "ItemProcessor": { "StartAt": "One", "States": { "One": { "Type": "Pass", "End": true } } },
                "Next": "Nowhere" },
            "Sorry": { "Type": "Fail", "Error": "Declined" },
        }}));
        let names: Vec<&str> = graph.nodes.iter().map(|node| node.about.as_str()).collect();
        assert_eq!(names, ["λ charge", "Map", "Declined", "", ""]);
        let edges: Vec<_> = graph.edges.iter().map(|edge| (edge.from, edge.to, edge.kind)).collect();
        let (next, catch) = (EdgeKind::Next, EdgeKind::Catch);
        assert_eq!(edges, [(3, 0, next), (0, 1, next), (0, 2, catch), (2, 4, next)]);
        assert_eq!(graph.nodes[1].inner[0].nodes[0].name, "One");
    }

    #[test]
    fn anything_is_drawn_as_far_as_it_goes() {
        for broken in [json!(null), json!([]), json!({ "States": 1 }), json!({ "States": { "A": 7, "B": {} } })] {
            assert!(read(&broken).nodes.len() >= 2, "{broken}");
        }
    }
}
