//! `Map`.

use super::{Machine, Written};
use crate::lang::{Path, Query, Template};

/// What a `Map` has.
#[derive(Clone, Debug)]
pub struct Map {
    pub items: Items,
    /// `ItemSelector`, or `Parameters` as it was.
    pub selector: Option<Template>,
    pub processor: Machine,
    pub mode: Mode,
    pub concurrency: Concurrency,
}

/// Where the items are.
#[derive(Clone, Debug)]
pub enum Items {
    /// `ItemsPath`; without it, the input itself.
    At(Option<Path>),
    /// `Items`, a JSONata expression or a list.
    Query(Query),
    List(Template),
    /// `ItemReader`, of a distributed one.
    Read(Box<Reading>),
}

/// `ItemReader`.
#[derive(Clone, Debug)]
pub struct Reading {
    pub resource: String,
    pub config: serde_json::Map<String, serde_json::Value>,
    pub arguments: Option<Template>,
    pub max_items: Option<Written<u64>>,
}

/// Within the execution, or as executions of their own.
#[derive(Clone, Debug)]
pub enum Mode {
    Inline,
    Distributed(Box<Distributed>),
}

/// What only a distributed one has.
#[derive(Clone, Debug, Default)]
pub struct Distributed {
    /// `EXPRESS`, or `STANDARD`.
    pub express: bool,
    pub label: Option<String>,
    pub batching: Option<Batching>,
    pub writing: Option<Writing>,
    pub tolerance: Tolerance,
}

/// `ItemBatcher`.
#[derive(Clone, Debug)]
pub struct Batching {
    pub most_items: Option<Written<u64>>,
    pub most_bytes: Option<Written<u64>>,
    pub input: Option<Template>,
}

/// `ResultWriter`.
#[derive(Clone, Debug)]
pub struct Writing {
    pub resource: Option<String>,
    pub config: serde_json::Map<String, serde_json::Value>,
    pub arguments: Option<Template>,
}

/// How many may fail.
#[derive(Clone, Debug, Default)]
pub struct Tolerance {
    pub count: Option<Written<u64>>,
    pub percentage: Option<Written<f64>>,
}

/// `MaxConcurrency`; 0 is without limit.
#[derive(Clone, Debug)]
pub struct Concurrency(pub Written<u64>);
