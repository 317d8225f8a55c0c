//! Expressions.

use sqlparser::ast::{
    AccessExpr, BinaryOperator as Binary, Expr as Parsed, Ident, InTarget, Subscript, UnaryOperator as Unary,
    Value as Literal,
};

use super::call;
use crate::aggregate::Aggregate;
use crate::expr::{Arithmetic, Call, Comparison, Expr, Path, Step};
use crate::value::{Type, Value};
use crate::wrong::{self, Wrong};

/// What is found out on the way.
pub(super) struct Making {
    alias: Option<String>,
    pub(super) totals: Vec<Aggregate>,
    /// Fields are asked for that nothing adds up.
    pub(super) loose: bool,
}

impl Making {
    pub(super) fn new(alias: Option<String>) -> Self {
        Self { alias, totals: Vec::new(), loose: false }
    }

    pub(super) fn boxed(&mut self, parsed: &Parsed) -> Result<Box<Expr>, Wrong> {
        self.expr(parsed).map(Box::new)
    }

    pub(super) fn all(&mut self, parsed: &[Parsed]) -> Result<Vec<Expr>, Wrong> {
        parsed.iter().map(|one| self.expr(one)).collect()
    }

    /// # Errors
    /// If the language hasn't that.
    pub(super) fn expr(&mut self, parsed: &Parsed) -> Result<Expr, Wrong> {
        Ok(match parsed {
            Parsed::Nested(inner) => self.expr(inner)?,
            Parsed::Value(_) => Expr::Literal(literal(parsed)?),
            Parsed::Identifier(_) | Parsed::CompoundIdentifier(_) | Parsed::CompoundFieldAccess { .. } => {
                self.loose = true;
                Expr::Path(self.path(parsed)?)
            }
            Parsed::UnaryOp { op: Unary::Not, expr } => Expr::Not(self.boxed(expr)?),
            Parsed::UnaryOp { op: Unary::Minus, expr } => Expr::Negative(self.boxed(expr)?),
            Parsed::UnaryOp { op: Unary::Plus, expr } => self.expr(expr)?,
            Parsed::BinaryOp { left, op, right } => self.binary(left, op, right)?,
            Parsed::IsNull(expr) => Expr::IsNull(self.boxed(expr)?),
            Parsed::IsNotNull(expr) => not(Expr::IsNull(self.boxed(expr)?)),
            Parsed::IsUnknown(expr) => Expr::IsMissing(self.boxed(expr)?),
            Parsed::IsNotUnknown(expr) => not(Expr::IsMissing(self.boxed(expr)?)),
            Parsed::Between { expr, negated, low, high } => {
                when(*negated, Expr::Between(self.boxed(expr)?, self.boxed(low)?, self.boxed(high)?))
            }
            Parsed::In { expr, target: InTarget::List(list), negated, global: false } => {
                when(*negated, Expr::In(self.boxed(expr)?, self.all(list)?))
            }
            Parsed::Like { negated, any: false, expr, pattern, escape_char } => {
                let escape = escape_char.as_deref().map(escape).transpose()?;
                let (text, pattern) = (self.boxed(expr)?, self.boxed(pattern)?);
                when(*negated, Expr::Like { text, pattern, escape })
            }
            Parsed::Cast { expr, data_type, .. } => {
                let to = Type::parse(&data_type.to_string()).ok_or(wrong::DATA_TYPE)?;
                Expr::Cast(self.boxed(expr)?, to)
            }
            _ => call::call(self, parsed)?,
        })
    }

    fn binary(&mut self, left: &Parsed, op: &Binary, right: &Parsed) -> Result<Expr, Wrong> {
        let (left, right) = (self.boxed(left)?, self.boxed(right)?);
        let compare = |how, left, right| Expr::Compare(how, left, right);
        let compute = |how, left, right| Expr::Compute(how, left, right);
        Ok(match op {
            Binary::And => Expr::And(left, right),
            Binary::Or => Expr::Or(left, right),
            Binary::Eq => compare(Comparison::Equal, left, right),
            Binary::NotEq => compare(Comparison::NotEqual, left, right),
            Binary::Lt => compare(Comparison::Less, left, right),
            Binary::LtEq => compare(Comparison::LessOrEqual, left, right),
            Binary::Gt => compare(Comparison::Greater, left, right),
            Binary::GtEq => compare(Comparison::GreaterOrEqual, left, right),
            Binary::Plus => compute(Arithmetic::Plus, left, right),
            Binary::Minus => compute(Arithmetic::Minus, left, right),
            Binary::Multiply => compute(Arithmetic::Times, left, right),
            Binary::Divide => compute(Arithmetic::Over, left, right),
            Binary::Modulo => compute(Arithmetic::Modulo, left, right),
            Binary::StringConcat => Expr::Call(Call::Concat, vec![*left, *right]),
            _ => return Err(wrong::SYNTAX),
        })
    }

    /// Into a record: without what the record is called.
    fn path(&self, parsed: &Parsed) -> Result<Path, Wrong> {
        match parsed {
            Parsed::Identifier(name) => Ok(vec![step(name)]),
            Parsed::CompoundIdentifier(names) => Ok(self.within(names.iter().map(step).collect())),
            Parsed::CompoundFieldAccess { root, access_chain } => {
                let mut path = self.path(root)?;
                for access in access_chain {
                    path.push(accessed(access)?);
                }
                Ok(self.within(path))
            }
            _ => Err(wrong::SYNTAX),
        }
    }

    fn within(&self, mut path: Path) -> Path {
        if path.len() > 1 && path.first().is_some_and(|first| self.is_object(first)) {
            path.remove(0);
        }
        path
    }

    fn is_object(&self, step: &Step) -> bool {
        let Step::Name { name, .. } = step else { return false };
        let names = self.alias.as_deref().into_iter().chain(["S3Object"]);
        names.into_iter().any(|one| one.eq_ignore_ascii_case(name))
    }
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

fn when(negated: bool, expr: Expr) -> Expr {
    if negated { not(expr) } else { expr }
}

fn step(name: &Ident) -> Step {
    Step::Name { name: name.value.clone(), exact: name.quote_style.is_some() }
}

fn accessed(access: &AccessExpr) -> Result<Step, Wrong> {
    match access {
        AccessExpr::Dot(Parsed::Identifier(name)) => Ok(step(name)),
        AccessExpr::Subscript(Subscript::Index { index }) => match literal_of(index) {
            Some(Literal::Number(number, _)) => number.parse().map(Step::Index).map_err(|_| wrong::SYNTAX),
            Some(Literal::SingleQuotedString(name)) => Ok(Step::Name { name: name.clone(), exact: true }),
            _ => Err(wrong::SYNTAX),
        },
        _ => Err(wrong::SYNTAX),
    }
}

pub(super) fn literal_of(parsed: &Parsed) -> Option<&Literal> {
    if let Parsed::Value(value) = parsed { Some(&value.value) } else { None }
}

fn literal(parsed: &Parsed) -> Result<Value, Wrong> {
    Ok(match literal_of(parsed) {
        Some(Literal::Number(number, _)) => {
            let int = number.parse().map(Value::Int);
            int.or_else(|_| number.parse().map(Value::Float)).map_err(|_| wrong::SYNTAX)?
        }
        Some(Literal::SingleQuotedString(text)) => Value::Text(text.clone()),
        Some(Literal::Boolean(bool)) => Value::Bool(*bool),
        Some(Literal::Null) => Value::Null,
        _ => return Err(wrong::SYNTAX),
    })
}

fn escape(parsed: &Parsed) -> Result<char, Wrong> {
    let Some(Literal::SingleQuotedString(text)) = literal_of(parsed) else { return Err(wrong::LIKE) };
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none()).ok_or(wrong::LIKE)
}
