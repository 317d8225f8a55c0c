//! What a bus looks for in events: its rules, with their targets.

use serde_json::Value;
use updraft_api_events::types::Target;
use updraft_expr::pattern::Pattern;

/// A rule that is enabled.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) name: String,
    /// `None`: it has a schedule alone.
    pub(crate) pattern: Option<Pattern>,
    pub(crate) targets: Vec<Target>,
}

/// All of one bus, ready to be matched.
#[derive(Debug, Default)]
pub(crate) struct RuleSet {
    rules: Vec<Loaded>,
}

impl RuleSet {
    pub(crate) fn new(rules: Vec<Loaded>) -> Self {
        Self { rules }
    }

    /// Those that want the event.
    pub(crate) fn matching(&self, event: &Value) -> impl Iterator<Item = &Loaded> {
        let wants = |rule: &&Loaded| rule.pattern.as_ref().is_some_and(|pattern| pattern.matches(event));
        self.rules.iter().filter(wants)
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Loaded> {
        self.rules.iter().find(|rule| rule.name == name)
    }
}
