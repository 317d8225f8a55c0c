//! An expression's value.

use std::collections::{BTreeMap, HashMap};

use super::functions;
use super::{Expr, Line, Op, Value, Wrong};

/// The time that is asked for, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

/// What there is to calculate with.
pub(crate) struct Known<'a> {
    pub(crate) grid: Grid,
    /// What the request's metrics gave, in its order.
    pub(crate) metrics: Vec<(&'a str, Line)>,
    /// Its expressions.
    pub(crate) expressions: HashMap<&'a str, Expr>,
}

/// How far expressions may refer to each other.
const DEPTH: usize = 20;

/// # Errors
/// What is wrong with the expression.
pub(crate) fn eval(known: &Known<'_>, expr: &Expr) -> Result<Value, Wrong> {
    Evaluation { known, depth: 0 }.value(expr)
}

pub(super) struct Evaluation<'a> {
    pub(super) known: &'a Known<'a>,
    depth: usize,
}

impl Evaluation<'_> {
    pub(super) fn value(&self, expr: &Expr) -> Result<Value, Wrong> {
        match expr {
            Expr::Number(number) => Ok(Value::Number(*number)),
            Expr::Text(text) => Ok(Value::Text(text.clone())),
            Expr::Name(name) => self.named(name),
            Expr::List(all) => self.list(all),
            Expr::Call(name, arguments) => functions::call(self, name, arguments),
            Expr::Negative(inner) => mapped(self.value(inner)?, |value| Some(-value)),
            Expr::Both(op, left, right) => both(*op, self.value(left)?, self.value(right)?),
        }
    }

    fn named(&self, name: &str) -> Result<Value, Wrong> {
        if let Some((_, line)) = self.known.metrics.iter().find(|(id, _)| *id == name) {
            return Ok(Value::One(line.clone()));
        }
        let Some(expr) = self.known.expressions.get(name) else {
            return Err(Wrong::new(format!("Unknown identifier: {name}")));
        };
        if self.depth >= DEPTH {
            return Err(Wrong::new(format!("{name} refers to itself, or over too many others.")));
        }
        Evaluation { known: self.known, depth: self.depth + 1 }.value(expr)
    }

    fn list(&self, all: &[Expr]) -> Result<Value, Wrong> {
        let mut lines = Vec::new();
        for expr in all {
            match self.value(expr)? {
                Value::One(line) => lines.push(line),
                Value::Many(more) => lines.extend(more),
                _ => return Err(Wrong::new("A list may only hold time series.")),
            }
        }
        Ok(Value::Many(lines))
    }
}

/// The same to every value; what gives none, or nothing finite, is left out.
pub(super) fn mapped(value: Value, of: impl Fn(f64) -> Option<f64>) -> Result<Value, Wrong> {
    let line = |line: Line| {
        let points = line.points.iter().filter_map(|(at, value)| Some((*at, finite(of(*value)?)?))).collect();
        Line { points, ..line }
    };
    Ok(match value {
        Value::Number(number) => Value::Number(of(number).unwrap_or(f64::NAN)),
        Value::One(one) => Value::One(line(one)),
        Value::Many(all) => Value::Many(all.into_iter().map(line).collect()),
        Value::Text(_) => return Err(Wrong::new("A text is no number.")),
    })
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn both(op: Op, left: Value, right: Value) -> Result<Value, Wrong> {
    let of = |a, b| calculated(op, a, b);
    zipped(left, right, &of)
}

/// Value by value, where both sides have one.
pub(super) fn zipped(left: Value, right: Value, of: &dyn Fn(f64, f64) -> f64) -> Result<Value, Wrong> {
    use Value::{Many, Number, One};
    Ok(match (left, right) {
        (Number(a), Number(b)) => Number(of(a, b)),
        (line, Number(b)) => mapped(line, |a| Some(of(a, b)))?,
        (Number(a), line) => mapped(line, |b| Some(of(a, b)))?,
        (One(a), One(b)) => One(joined(&a, &b, of)),
        (Many(all), One(b)) => Many(all.iter().map(|a| joined(a, &b, of)).collect()),
        (One(a), Many(all)) => Many(all.iter().map(|b| Line { label: b.label.clone(), ..joined(&a, b, of) }).collect()),
        (Many(a), Many(b)) if a.len() == b.len() => Many(a.iter().zip(&b).map(|(a, b)| joined(a, b, of)).collect()),
        (Many(_), Many(_)) => return Err(Wrong::new("The operands are lists of different length.")),
        (Value::Text(_), _) | (_, Value::Text(_)) => return Err(Wrong::new("A text is no operand.")),
    })
}

fn joined(a: &Line, b: &Line, of: &dyn Fn(f64, f64) -> f64) -> Line {
    let value = |(at, left): (&i64, &f64)| Some((*at, finite(of(*left, *b.points.get(at)?))?));
    let points: BTreeMap<_, _> = a.points.iter().filter_map(value).collect();
    Line { label: a.label.clone(), period: a.period.max(b.period), points }
}

fn calculated(op: Op, a: f64, b: f64) -> f64 {
    let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
    match op {
        Op::Or => truth(a != 0.0 || b != 0.0),
        Op::And => truth(a != 0.0 && b != 0.0),
        Op::Equal => truth(a == b),
        Op::Unequal => truth(a != b),
        Op::Less => truth(a < b),
        Op::LessOrEqual => truth(a <= b),
        Op::Greater => truth(a > b),
        Op::GreaterOrEqual => truth(a >= b),
        Op::Plus => a + b,
        Op::Minus => a - b,
        Op::Times => a * b,
        Op::Over => a / b,
        Op::Power => a.powf(b),
    }
}
