//! What is added up over all records.

use std::cmp::Ordering;

use crate::eval::compute;
use crate::expr::{Arithmetic, Expr};
use crate::value::Value;
use crate::wrong::{self, Wrong};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Count,
    Sum,
    Average,
    Least,
    Greatest,
}

impl Kind {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "COUNT" => Self::Count,
            "SUM" => Self::Sum,
            "AVG" => Self::Average,
            "MIN" => Self::Least,
            "MAX" => Self::Greatest,
            _ => return None,
        })
    }
}

/// `of`: `None` counts records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aggregate {
    pub(crate) kind: Kind,
    pub(crate) of: Option<Expr>,
}

/// What it has come to so far.
#[derive(Clone, Debug)]
pub(crate) struct Total {
    kind: Kind,
    count: i64,
    value: Value,
}

impl Total {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, count: 0, value: Value::Null }
    }

    /// What is nothing doesn't count.
    ///
    /// # Errors
    /// If it can't be added up.
    pub(crate) fn add(&mut self, value: Value) -> Result<(), Wrong> {
        if value.is_nothing() {
            return Ok(());
        }
        self.count += 1;
        match self.kind {
            Kind::Count => {}
            Kind::Sum | Kind::Average => {
                let value = value.number().ok_or(wrong::DATA_TYPE)?;
                self.value =
                    if self.value.is_nothing() { value } else { compute(Arithmetic::Plus, &self.value, &value)? };
            }
            Kind::Least => self.take(value, Ordering::Less),
            Kind::Greatest => self.take(value, Ordering::Greater),
        }
        Ok(())
    }

    fn take(&mut self, value: Value, if_it_is: Ordering) {
        if self.value.is_nothing() || value.compare(&self.value) == Some(if_it_is) {
            self.value = value;
        }
    }

    pub(crate) fn value(&self) -> Value {
        match (self.kind, self.value.float()) {
            (Kind::Count, _) => Value::Int(self.count),
            #[expect(clippy::cast_precision_loss, reason = "an average isn't more exact than that")]
            (Kind::Average, Some(sum)) => Value::Float(sum / self.count as f64),
            _ => self.value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(kind: Kind, values: &[&str]) -> Result<Value, Wrong> {
        let mut total = Total::new(kind);
        values.iter().try_for_each(|one| total.add(Value::Text((*one).into())))?;
        total.add(Value::Null)?;
        Ok(total.value())
    }

    #[test]
    fn totals() {
        assert_eq!(total(Kind::Count, &["a", "b"]), Ok(Value::Int(2)));
        assert_eq!(total(Kind::Sum, &["1", "2"]), Ok(Value::Int(3)));
        assert_eq!(total(Kind::Sum, &["1", "2.5"]), Ok(Value::Float(3.5)));
        assert_eq!(total(Kind::Average, &["1", "2"]), Ok(Value::Float(1.5)));
        assert_eq!(total(Kind::Least, &["b", "a"]), Ok(Value::Text("a".into())));
        assert_eq!(total(Kind::Greatest, &["b", "a"]), Ok(Value::Text("b".into())));
        assert_eq!(total(Kind::Sum, &[]), Ok(Value::Null));
        assert_eq!(total(Kind::Sum, &["x"]), Err(wrong::DATA_TYPE));
    }
}
