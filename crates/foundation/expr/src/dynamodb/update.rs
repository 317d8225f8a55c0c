//! Updates: what `UpdateExpression` becomes, and how it changes an item.

use super::error::Invalid;
use super::number::Number;
use super::path::{Path, Step};
use super::value::{AttributeValue, Item};

/// The actions of one expression; none of their paths leads to another's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    pub actions: Vec<Action>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Set(Path, SetValue),
    Remove(Path),
    /// A number to add, or a set whose elements to put in.
    Add(Path, AttributeValue),
    /// A set whose elements to take out.
    Delete(Path, AttributeValue),
}

/// The right side of an assignment.
#[derive(Clone, Debug, PartialEq)]
pub enum SetValue {
    Operand(SetOperand),
    Plus(SetOperand, SetOperand),
    Minus(SetOperand, SetOperand),
}

#[derive(Clone, Debug, PartialEq)]
pub enum SetOperand {
    Path(Path),
    Value(AttributeValue),
    IfNotExists(Path, Box<SetOperand>),
    ListAppend(Box<SetOperand>, Box<SetOperand>),
}

impl Action {
    /// What it changes.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Set(path, _) | Self::Remove(path) | Self::Add(path, _) | Self::Delete(path, _) => path,
        }
    }
}

impl Update {
    /// The paths it changes.
    #[must_use]
    pub fn paths(&self) -> Vec<Path> {
        self.actions.iter().map(|a| a.path().clone()).collect()
    }

    /// `item` after the update. Everything is computed from the item as it was.
    ///
    /// # Errors
    /// In AWS's words, if an attribute it needs isn't there or of the wrong type, or a result isn't legal.
    pub fn apply(&self, item: &Item) -> Result<Item, Invalid> {
        let mut writes = Vec::new();
        let mut removals = Vec::new();
        for action in &self.actions {
            let path = action.path();
            match action.outcome(item)? {
                Some(value) => writes.push((path, value)),
                None => removals.push(path),
            }
        }
        let mut after = item.clone();
        // In the order of indexes, so that several elements set beyond a list's end are appended in theirs.
        writes.sort_by_key(|(path, _)| *path);
        for (path, value) in writes {
            write(&mut after, path, value)?;
        }
        // From the back, so that each index still means the element it meant before.
        removals.sort_by(|a, b| b.cmp(a));
        for path in removals {
            remove(&mut after, path)?;
        }
        Ok(after)
    }
}

impl Action {
    /// The new value at its path; `None`: there is to be none.
    fn outcome(&self, item: &Item) -> Result<Option<AttributeValue>, Invalid> {
        match self {
            Self::Set(_, value) => value.evaluate(item).map(Some),
            Self::Remove(_) => Ok(None),
            Self::Add(path, operand) => add(path.find(item), operand).map(Some),
            Self::Delete(path, operand) => match path.find(item) {
                Some(set) => take_out(set, operand),
                None => Ok(None),
            },
        }
    }
}

impl SetValue {
    fn evaluate(&self, item: &Item) -> Result<AttributeValue, Invalid> {
        match self {
            Self::Operand(operand) => operand.evaluate(item),
            Self::Plus(a, b) => Ok(AttributeValue::N(a.number(item)?.plus(b.number(item)?)?)),
            Self::Minus(a, b) => Ok(AttributeValue::N(a.number(item)?.minus(b.number(item)?)?)),
        }
    }
}

impl SetOperand {
    fn evaluate(&self, item: &Item) -> Result<AttributeValue, Invalid> {
        match self {
            Self::Path(path) => path.find(item).cloned().ok_or(Invalid::MISSING_ATTRIBUTE),
            Self::Value(value) => Ok(value.clone()),
            Self::IfNotExists(path, otherwise) => match path.find(item) {
                Some(value) => Ok(value.clone()),
                None => otherwise.evaluate(item),
            },
            Self::ListAppend(first, second) => {
                let mut list = first.list(item)?;
                list.extend(second.list(item)?);
                Ok(AttributeValue::L(list))
            }
        }
    }

    fn number(&self, item: &Item) -> Result<Number, Invalid> {
        match self.evaluate(item)? {
            AttributeValue::N(number) => Ok(number),
            _ => Err(Invalid::WRONG_OPERAND),
        }
    }

    fn list(&self, item: &Item) -> Result<Vec<AttributeValue>, Invalid> {
        match self.evaluate(item)? {
            AttributeValue::L(list) => Ok(list),
            _ => Err(Invalid::WRONG_OPERAND),
        }
    }
}

fn add(current: Option<&AttributeValue>, operand: &AttributeValue) -> Result<AttributeValue, Invalid> {
    match (current, operand) {
        (None, operand) => Ok(operand.clone()),
        (Some(AttributeValue::N(a)), AttributeValue::N(b)) => Ok(AttributeValue::N(a.plus(*b)?)),
        (Some(AttributeValue::Ss(a)), AttributeValue::Ss(b)) => Ok(AttributeValue::Ss(union(a, b))),
        (Some(AttributeValue::Ns(a)), AttributeValue::Ns(b)) => Ok(AttributeValue::Ns(union(a, b))),
        (Some(AttributeValue::Bs(a)), AttributeValue::Bs(b)) => Ok(AttributeValue::Bs(union(a, b))),
        _ => Err(Invalid::WRONG_OPERAND),
    }
}

fn take_out(current: &AttributeValue, operand: &AttributeValue) -> Result<Option<AttributeValue>, Invalid> {
    match (current, operand) {
        (AttributeValue::Ss(a), AttributeValue::Ss(b)) => Ok(difference(a, b).map(AttributeValue::Ss)),
        (AttributeValue::Ns(a), AttributeValue::Ns(b)) => Ok(difference(a, b).map(AttributeValue::Ns)),
        (AttributeValue::Bs(a), AttributeValue::Bs(b)) => Ok(difference(a, b).map(AttributeValue::Bs)),
        _ => Err(Invalid::WRONG_OPERAND),
    }
}

fn union<T: Clone + PartialEq>(a: &[T], b: &[T]) -> Vec<T> {
    a.iter().chain(b.iter().filter(|x| !a.contains(x))).cloned().collect()
}

/// `None` if nothing is left: there are no empty sets.
fn difference<T: Clone + PartialEq>(a: &[T], b: &[T]) -> Option<Vec<T>> {
    let left: Vec<T> = a.iter().filter(|x| !b.contains(x)).cloned().collect();
    (!left.is_empty()).then_some(left)
}

/// The value that holds what the last of `steps` names.
fn parent<'a>(item: &'a mut Item, root: &str, steps: &[Step]) -> Result<&'a mut AttributeValue, Invalid> {
    let mut value = item.get_mut(root).ok_or(Invalid::WRONG_PATH)?;
    for step in steps {
        value = match (value, step) {
            (AttributeValue::M(map), Step::Field(name)) => map.get_mut(name),
            (AttributeValue::L(list), Step::Index(index)) => list.get_mut(*index),
            _ => None,
        }
        .ok_or(Invalid::WRONG_PATH)?;
    }
    Ok(value)
}

fn write(item: &mut Item, path: &Path, value: AttributeValue) -> Result<(), Invalid> {
    let Some((last, above)) = path.steps.split_last() else {
        item.insert(path.root.clone(), value);
        return Ok(());
    };
    match (parent(item, &path.root, above)?, last) {
        (AttributeValue::M(map), Step::Field(name)) => {
            map.insert(name.clone(), value);
        }
        (AttributeValue::L(list), Step::Index(index)) => match list.get_mut(*index) {
            Some(element) => *element = value,
            None => list.push(value),
        },
        _ => return Err(Invalid::WRONG_PATH),
    }
    Ok(())
}

fn remove(item: &mut Item, path: &Path) -> Result<(), Invalid> {
    let Some((last, above)) = path.steps.split_last() else {
        item.remove(&path.root);
        return Ok(());
    };
    match (parent(item, &path.root, above)?, last) {
        (AttributeValue::M(map), Step::Field(name)) => {
            map.remove(name);
        }
        (AttributeValue::L(list), Step::Index(index)) if *index < list.len() => {
            list.remove(*index);
        }
        (AttributeValue::L(_), Step::Index(_)) => {}
        _ => return Err(Invalid::WRONG_PATH),
    }
    Ok(())
}
