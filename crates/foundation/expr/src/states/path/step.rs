//! The steps of a path.

use std::fmt;

use super::filter::Filter;

/// One step of a path.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// `.name`, `['name']`, `['a','b']`
    Names(Vec<String>),
    /// `[0]`, `[-1]`, `[0,2]`
    Indexes(Vec<i64>),
    /// `[1:3]`, `[:3]`, `[-2:]`
    Slice(Option<i64>, Option<i64>),
    /// `.*`, `[*]`
    Every,
    /// `[?(…)]`
    Filter(Box<Filter>),
    /// `..`: the step behind it is tried everywhere below.
    Everywhere,
}

impl Step {
    fn is_definite(&self, is_last: bool) -> bool {
        match self {
            // AWS: several names at the end of a path give one object that has them.
            Self::Names(names) => names.len() == 1 || is_last,
            Self::Indexes(indexes) => indexes.len() == 1,
            Self::Slice(..) | Self::Every | Self::Filter(_) | Self::Everywhere => false,
        }
    }
}

/// As the library writes it in what it says of a path.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Names(names) => write!(f, "['{}']", names.join("', '")),
            Self::Indexes(all) => write!(f, "[{}]", all.iter().map(i64::to_string).collect::<Vec<_>>().join(",")),
            Self::Slice(from, to) => {
                let side = |side: &Option<i64>| side.map(|n| n.to_string()).unwrap_or_default();
                write!(f, "[{}:{}]", side(from), side(to))
            }
            Self::Every => f.write_str("[*]"),
            Self::Filter(_) => f.write_str("[?]"),
            Self::Everywhere => f.write_str(".."),
        }
    }
}

/// A path behind its root.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    all: Vec<Step>,
    /// So many of the first ones lead to one place.
    definite: usize,
}

impl Steps {
    pub(super) fn new(all: Vec<Step>) -> Self {
        let last = all.len().saturating_sub(1);
        let definite = all.iter().enumerate().take_while(|(at, step)| step.is_definite(*at == last)).count();
        Self { all, definite }
    }

    pub(super) fn get(&self, at: usize) -> Option<&Step> {
        self.all.get(at)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Step> {
        self.all.iter()
    }

    pub(super) fn is_last(&self, at: usize) -> bool {
        at + 1 >= self.all.len()
    }

    pub(super) fn are_definite(&self) -> bool {
        self.definite == self.all.len()
    }

    /// Whether those before step `at` lead to one place.
    pub(super) fn are_definite_before(&self, at: usize) -> bool {
        at <= self.definite
    }

    /// The path of the first `count` steps.
    pub(super) fn until(&self, count: usize) -> String {
        self.all.iter().take(count).fold(String::from("$"), |path, step| format!("{path}{step}"))
    }

    pub(super) fn whole(&self) -> String {
        self.until(self.all.len())
    }
}
