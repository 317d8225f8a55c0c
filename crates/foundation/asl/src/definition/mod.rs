//! A state machine as it is written, understood: what [`read`](crate::read) makes of the text and [`run`](crate::run) walks
//! through.

mod choice;
mod data;
mod items;
mod retry;
mod task;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use choice::{Branch, Choice, Comparison, Operator, Ordered, Relation, Right, Rule};
pub use data::{Data, Filter, Language, Place, Value as Written};
pub use items::{Batching, Concurrency, Distributed, Items, Map, Mode, Reading, Tolerance, Writing};
pub use retry::{Catcher, Handling, Retrier, takes_in};
pub use task::{Pattern, Resource, Task, Waits};

use crate::lang::Template;

/// A state's or a variable's name.
pub type Name = Arc<str>;

/// A whole definition.
#[derive(Clone, Debug)]
pub struct Definition {
    pub machine: Machine,
    /// `TimeoutSeconds`: how long an execution may take.
    pub timeout: Option<u64>,
    pub comment: Option<String>,
    /// Whether something may read the execution's input from the context object: it needn't be put there for nothing.
    pub reads_input: bool,
    /// ARNs of the activities that its tasks name, each once.
    pub activities: Vec<String>,
}

impl Definition {
    /// The map of that name, wherever it stands but within another's children.
    pub fn map(&self, name: &str) -> Option<&Map> {
        map_in(&self.machine, name)
    }

    /// What a child of that distributed map executes.
    pub fn of_children(&self, name: &str) -> Option<Self> {
        let machine = self.map(name)?.processor.clone();
        let (reads_input, activities) = (self.reads_input, self.activities.clone());
        Some(Self { machine, timeout: None, comment: None, reads_input, activities })
    }
}

fn map_in<'a>(machine: &'a Machine, name: &str) -> Option<&'a Map> {
    let of = |state: &'a State| match &state.kind {
        Kind::Map(map) if &*state.name == name => Some(&**map),
        Kind::Map(map) if matches!(map.mode, Mode::Inline) => map_in(&map.processor, name),
        Kind::Parallel(branches) => branches.iter().find_map(|branch| map_in(branch, name)),
        _ => None,
    };
    machine.states.values().find_map(of)
}

/// States among which transitions go: the whole one, a branch of a `Parallel`, the processor of a `Map`.
#[derive(Clone, Debug)]
pub struct Machine {
    pub start: Name,
    pub states: BTreeMap<Name, State>,
    /// As they are written, for whoever draws them.
    pub order: Vec<Name>,
}

/// One state.
#[derive(Clone, Debug)]
pub struct State {
    pub name: Name,
    pub language: Language,
    pub data: Data,
    pub kind: Kind,
    pub after: After,
    pub handling: Handling,
    pub comment: Option<String>,
}

/// Where it goes from a state. `Choice` says it in its rules, and `Fail` and `Succeed` end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    Next(Name),
    End,
}

/// What a state does.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `Result`, if it has one.
    Pass(Option<serde_json::Value>),
    Task(Box<Task>),
    Choice(Choice),
    Wait(Waits),
    Succeed,
    Fail(Failure),
    Parallel(Vec<Machine>),
    Map(Box<Map>),
}

impl Kind {
    /// Its `Type`, with which the names of its events begin.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pass(_) => "Pass",
            Self::Task(_) => "Task",
            Self::Choice(_) => "Choice",
            Self::Wait(_) => "Wait",
            Self::Succeed => "Succeed",
            Self::Fail(_) => "Fail",
            Self::Parallel(_) => "Parallel",
            Self::Map(_) => "Map",
        }
    }
}

/// What a `Fail` says.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    pub error: Option<Written<String>>,
    pub cause: Option<Written<String>>,
}

/// Variables that are set.
pub type Assign = Vec<(Name, Template)>;
