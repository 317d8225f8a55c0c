//! Reference paths: those that lead to one place, which can also be written to.

use std::fmt;

use serde_json::{Map, Value};

use super::step::Step;
use super::{Missing, Path, PathError, Root};
use crate::states::Scope;

/// A path of names and indexes only, as `ResultPath` wants it.
///
/// AWS: fields that are only read from, such as `ItemsPath`, take filters as well, though their pages speak of reference
/// paths: they are [`Path`]s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferencePath(Path);

/// The place that a path names can't be made in the value that is there.
///
/// AWS: the error is `States.ResultPathMatchFailure`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    path: String,
    input: Value,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unable to apply ReferencePath {} to input {}", self.path, self.input)
    }
}

impl std::error::Error for Mismatch {}

impl ReferencePath {
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let path = Path::parse(text)?;
        let refers = |step: &Step| match step {
            Step::Names(names) => names.len() == 1,
            Step::Indexes(indexes) => matches!(indexes.as_slice(), [index] if *index >= 0),
            _ => false,
        };
        if path.steps.iter().all(refers) { Ok(Self(path)) } else { Err(PathError::not_a_reference()) }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    #[must_use]
    pub fn text(&self) -> &str {
        self.0.text()
    }

    pub fn read(&self, scope: &Scope<'_>) -> Result<Value, Missing> {
        self.0.read(scope)
    }

    /// Whether it is `$`: what is put there replaces everything.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.root == Root::Input && self.0.steps.iter().next().is_none()
    }

    /// Puts `value` where the path leads from `root`. Objects on the way are made where nothing is; items of lists must
    /// be there. `root` stays as it is where that fails.
    pub fn insert(&self, root: &mut Value, value: Value) -> Result<(), Mismatch> {
        // Looked at first, so that nothing is changed by halves.
        if !self.fits(root) {
            return Err(Mismatch { path: self.0.text.clone(), input: root.clone() });
        }
        let place = self.0.steps.iter().try_fold(root, |at, step| match (step, at) {
            (Step::Names(names), Value::Object(members)) => Some(members.entry(names.first()?).or_insert(Value::Null)),
            (Step::Names(names), at) => {
                *at = Value::Object(Map::new());
                Some(at.as_object_mut()?.entry(names.first()?).or_insert(Value::Null))
            }
            (Step::Indexes(indexes), Value::Array(items)) => items.get_mut(usize::try_from(*indexes.first()?).ok()?),
            _ => None,
        });
        if let Some(place) = place {
            *place = value;
        }
        Ok(())
    }

    fn fits(&self, root: &Value) -> bool {
        let mut at = Some(root);
        for step in self.0.steps.iter() {
            at = match (step, at) {
                (Step::Names(names), Some(Value::Object(members))) => names.first().and_then(|name| members.get(name)),
                (Step::Names(_), None) => None,
                (Step::Indexes(indexes), Some(Value::Array(items))) => {
                    let index = indexes.first().and_then(|index| usize::try_from(*index).ok());
                    match index.and_then(|index| items.get(index)) {
                        Some(item) => Some(item),
                        None => return false,
                    }
                }
                _ => return false,
            };
        }
        true
    }
}

impl fmt::Display for ReferencePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
