//! What an expression comes to for a record.

use std::cmp::Ordering;

use crate::calls;
use crate::dates::Time;
use crate::expr::{Arithmetic, Comparison, Expr};
use crate::record::Record;
use crate::value::Value;
use crate::wrong::{self, Wrong};

/// What expressions are evaluated over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// `None`: all records are through, and only what they add up to is left.
    pub(crate) record: Option<&'a Record>,
    pub(crate) totals: &'a [Value],
    pub(crate) now: Time,
}

impl Scope<'_> {
    /// # Errors
    /// If something in it can't be.
    pub(crate) fn value(&self, expr: &Expr) -> Result<Value, Wrong> {
        Ok(match expr {
            Expr::Literal(value) => value.clone(),
            Expr::Path(path) => match self.record {
                Some(record) => record.get(path)?,
                None => Value::Missing,
            },
            Expr::Aggregate(place) => self.totals.get(*place).cloned().unwrap_or(Value::Null),
            Expr::Not(inner) => known(self.value(inner)?.truth().map(|truth| !truth)),
            Expr::Negative(inner) => compute(Arithmetic::Minus, &Value::Int(0), &self.value(inner)?)?,
            Expr::And(left, right) => self.both(left, right, false)?,
            Expr::Or(left, right) => self.both(left, right, true)?,
            Expr::Compare(how, left, right) => {
                known(self.value(left)?.compare(&self.value(right)?).map(|order| holds(*how, order)))
            }
            Expr::Compute(how, left, right) => compute(*how, &self.value(left)?, &self.value(right)?)?,
            Expr::Between(value, low, high) => self.between(value, low, high)?,
            Expr::In(value, list) => self.is_in(value, list)?,
            Expr::Like { text, pattern, escape } => calls::like(&self.value(text)?, &self.value(pattern)?, *escape)?,
            Expr::IsNull(inner) => Value::Bool(self.value(inner)?.is_nothing()),
            Expr::IsMissing(inner) => Value::Bool(self.value(inner)? == Value::Missing),
            Expr::Case(cases, otherwise) => self.case(cases, otherwise.as_deref())?,
            Expr::Cast(inner, to) => self.value(inner)?.cast(*to)?,
            _ => calls::value(self, expr)?,
        })
    }

    /// # Errors
    /// As [`Self::value`].
    pub(crate) fn is_true(&self, condition: &Expr) -> Result<bool, Wrong> {
        Ok(self.value(condition)?.truth() == Some(true))
    }

    /// `decides`: what one side must be for the other not to matter.
    fn both(&self, left: &Expr, right: &Expr, decides: bool) -> Result<Value, Wrong> {
        let left = self.value(left)?.truth();
        if left == Some(decides) {
            return Ok(Value::Bool(decides));
        }
        let right = self.value(right)?.truth();
        Ok(match (left, right) {
            (_, Some(right)) if right == decides => Value::Bool(decides),
            (Some(_), Some(right)) => Value::Bool(right),
            _ => Value::Null,
        })
    }

    fn between(&self, value: &Expr, low: &Expr, high: &Expr) -> Result<Value, Wrong> {
        let value = self.value(value)?;
        let (low, high) = (value.compare(&self.value(low)?), value.compare(&self.value(high)?));
        Ok(known(low.zip(high).map(|(low, high)| low != Ordering::Less && high != Ordering::Greater)))
    }

    fn is_in(&self, value: &Expr, list: &[Expr]) -> Result<Value, Wrong> {
        let value = self.value(value)?;
        for one in list {
            if value.compare(&self.value(one)?) == Some(Ordering::Equal) {
                return Ok(Value::Bool(true));
            }
        }
        Ok(if value.is_nothing() { Value::Null } else { Value::Bool(false) })
    }

    fn case(&self, cases: &[(Expr, Expr)], otherwise: Option<&Expr>) -> Result<Value, Wrong> {
        for (condition, result) in cases {
            if self.is_true(condition)? {
                return self.value(result);
            }
        }
        otherwise.map_or(Ok(Value::Null), |otherwise| self.value(otherwise))
    }
}

fn known(truth: Option<bool>) -> Value {
    truth.map_or(Value::Null, Value::Bool)
}

fn holds(how: Comparison, order: Ordering) -> bool {
    match how {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    }
}

pub(crate) fn compute(how: Arithmetic, left: &Value, right: &Value) -> Result<Value, Wrong> {
    if left.is_nothing() || right.is_nothing() {
        return Ok(Value::Null);
    }
    let (Some(left), Some(right)) = (left.number(), right.number()) else { return Err(wrong::DATA_TYPE) };
    if let (Value::Int(left), Value::Int(right)) = (&left, &right) {
        let result = match how {
            Arithmetic::Plus => left.checked_add(*right),
            Arithmetic::Minus => left.checked_sub(*right),
            Arithmetic::Times => left.checked_mul(*right),
            Arithmetic::Over => left.checked_div(*right),
            Arithmetic::Modulo => left.checked_rem(*right),
        };
        return result.map(Value::Int).ok_or(wrong::OVERFLOW);
    }
    let (left, right) = left.float().zip(right.float()).ok_or(wrong::DATA_TYPE)?;
    Ok(Value::Float(match how {
        Arithmetic::Plus => left + right,
        Arithmetic::Minus => left - right,
        Arithmetic::Times => left * right,
        Arithmetic::Over => left / right,
        Arithmetic::Modulo => left % right,
    }))
}
