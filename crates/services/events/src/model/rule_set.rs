//! What a bus looks for in events: its rules, with their targets, and its archives.

use serde_json::Value;
use updraft_api_events::types::Target;
use updraft_expr::pattern::{Pattern, RuleSet as Patterns};

/// A rule that is enabled.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) name: String,
    pub(crate) targets: Vec<Target>,
}

/// What keeps the bus's events.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
    /// The archive's.
    pub(crate) number: u64,
    /// `None`: all of them.
    pub(crate) pattern: Option<Pattern>,
}

/// All of one bus, ready to be matched.
#[derive(Debug, Default)]
pub(crate) struct RuleSet {
    rules: Vec<Loaded>,
    /// By their places in `rules`; those with a schedule alone aren't there.
    patterns: Patterns<usize>,
    archives: Vec<Keeper>,
}

impl RuleSet {
    pub(crate) fn new(rules: Vec<(Loaded, Option<Pattern>)>, archives: Vec<Keeper>) -> Self {
        let (rules, patterns): (Vec<_>, Vec<_>) = rules.into_iter().unzip();
        let patterns = patterns.into_iter().enumerate().filter_map(|(at, pattern)| Some((at, pattern?))).collect();
        Self { rules, patterns, archives }
    }

    /// Those that want the event.
    pub(crate) fn matching(&self, event: &Value) -> impl Iterator<Item = &Loaded> {
        self.patterns.matching(event).into_iter().filter_map(|at| self.rules.get(*at))
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Loaded> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The archives that keep the event.
    pub(crate) fn keeping(&self, event: &Value) -> Vec<u64> {
        let wants = |keeper: &&Keeper| keeper.pattern.as_ref().is_none_or(|pattern| pattern.matches(event));
        self.archives.iter().filter(wants).map(|keeper| keeper.number).collect()
    }

    /// Nobody hears of any event.
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.archives.is_empty()
    }

    pub(crate) fn keeps_nothing(&self) -> bool {
        self.archives.is_empty()
    }
}
