//! Document paths: `a.b[2].c`.

use std::fmt;

use super::value::{AttributeValue, Item};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Field(String),
    Index(usize),
}

/// A top-level attribute and the steps below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    pub root: String,
    pub steps: Vec<Step>,
}

/// How two paths of one expression get in each other's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// One is the other or leads to it.
    Overlap,
    /// They take the same value for a map and for a list.
    Conflict,
}

impl Path {
    #[must_use]
    pub fn attribute(name: impl Into<String>) -> Self {
        Self { root: name.into(), steps: Vec::new() }
    }

    #[must_use]
    pub fn is_top_level(&self) -> bool {
        self.steps.is_empty()
    }

    /// The value this leads to.
    #[must_use]
    pub fn find<'a>(&self, item: &'a Item) -> Option<&'a AttributeValue> {
        self.steps.iter().try_fold(item.get(&self.root)?, |value, step| match (value, step) {
            (AttributeValue::M(map), Step::Field(name)) => map.get(name),
            (AttributeValue::L(list), Step::Index(index)) => list.get(*index),
            _ => None,
        })
    }

    #[must_use]
    pub fn clash(&self, other: &Self) -> Option<Clash> {
        if self.root != other.root {
            return None;
        }
        match self.steps.iter().zip(&other.steps).find(|(a, b)| a != b) {
            None => Some(Clash::Overlap),
            Some((Step::Field(_), Step::Index(_)) | (Step::Index(_), Step::Field(_))) => Some(Clash::Conflict),
            Some(_) => None,
        }
    }
}

impl fmt::Display for Path {
    /// `[a, b, [2], c]`, as AWS's messages quote paths.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}", self.root)?;
        for step in &self.steps {
            match step {
                Step::Field(name) => write!(f, ", {name}")?,
                Step::Index(index) => write!(f, ", [{index}]")?,
            }
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(steps: &[&str]) -> Path {
        let step = |s: &&str| s.parse().map_or_else(|_| Step::Field((*s).to_owned()), Step::Index);
        Path { root: "a".into(), steps: steps.iter().map(step).collect() }
    }

    #[test]
    fn paths_clash_where_they_meet() {
        assert_eq!(path(&[]).clash(&path(&["b"])), Some(Clash::Overlap));
        assert_eq!(path(&["b"]).clash(&path(&["b"])), Some(Clash::Overlap));
        assert_eq!(path(&["b"]).clash(&path(&["0"])), Some(Clash::Conflict));
        assert_eq!(path(&["b", "0"]).clash(&path(&["c", "d"])), None);
        assert_eq!(path(&["1"]).clash(&path(&["0"])), None);
    }

    #[test]
    fn a_path_is_quoted_as_aws_does() {
        assert_eq!(path(&["b", "2", "c"]).to_string(), "[a, b, [2], c]");
    }
}
