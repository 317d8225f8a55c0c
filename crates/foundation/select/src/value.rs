//! Values of expressions: what is compared, converted and shown.

use std::cmp::Ordering;

use serde_json::{Number, Value as Json};

use crate::dates::{self, Time};
use crate::wrong::{self, Wrong};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// There is nothing of that name.
    Missing,
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Time(Time),
    /// A list or an object.
    Json(Json),
}

/// What can be cast to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    Int,
    Float,
    Text,
    Time,
}

impl Type {
    /// As the language names it; what stands in parentheses behind it doesn't matter.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let name = name.split('(').next().unwrap_or_default().trim().to_ascii_uppercase();
        Some(match name.as_str() {
            "BOOL" | "BOOLEAN" => Self::Bool,
            "INT" | "INTEGER" | "BIGINT" => Self::Int,
            "FLOAT" | "DECIMAL" | "NUMERIC" | "DOUBLE" => Self::Float,
            "STRING" | "VARCHAR" | "CHAR" | "TEXT" => Self::Text,
            "TIMESTAMP" => Self::Time,
            _ => return None,
        })
    }
}

impl Value {
    pub(crate) fn of_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(bool) => Self::Bool(*bool),
            Json::Number(number) => match number.as_i64() {
                Some(int) => Self::Int(int),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::Text(text.clone()),
            other => Self::Json(other.clone()),
        }
    }

    /// `None`: it is missing, and isn't shown at all.
    pub(crate) fn into_json(self) -> Option<Json> {
        Some(match self {
            Self::Missing => return None,
            Self::Null => Json::Null,
            Self::Bool(bool) => Json::Bool(bool),
            Self::Int(int) => Json::Number(int.into()),
            Self::Float(float) => Number::from_f64(float).map_or(Json::Null, Json::Number),
            Self::Text(text) => Json::String(text),
            Self::Time(time) => Json::String(dates::shown(&time)),
            Self::Json(json) => json,
        })
    }

    /// As a field of CSV.
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Missing | Self::Null => String::new(),
            Self::Bool(bool) => bool.to_string(),
            Self::Int(int) => int.to_string(),
            Self::Float(float) => float.to_string(),
            Self::Text(text) => text,
            Self::Time(time) => dates::shown(&time),
            Self::Json(json) => json.to_string(),
        }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::Missing | Self::Null)
    }

    /// As a condition; `None`: it isn't known.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(bool) => Some(*bool),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// As a number, where it is one or a text that looks like one: all fields of CSV are texts.
    pub(crate) fn number(&self) -> Option<Self> {
        match self {
            Self::Int(_) | Self::Float(_) => Some(self.clone()),
            Self::Text(text) => {
                let text = text.trim();
                let int = text.parse().ok().map(Self::Int);
                int.or_else(|| text.parse().ok().filter(|float: &f64| float.is_finite()).map(Self::Float))
            }
            _ => None,
        }
    }

    pub(crate) fn float(&self) -> Option<f64> {
        match self.number()? {
            #[expect(clippy::cast_precision_loss, reason = "that is what the conversion means")]
            Self::Int(int) => Some(int as f64),
            Self::Float(float) => Some(float),
            _ => None,
        }
    }

    /// `None`: they can't be compared, or one of them is nothing.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Bool(_), Self::Text(_)) | (Self::Text(_), Self::Bool(_)) => Some(self.truth()?.cmp(&other.truth()?)),
            (Self::Time(a), Self::Time(b)) => Some(a.moment()?.cmp(&b.moment()?)),
            (Self::Time(a), Self::Text(b)) => Some(a.moment()?.cmp(&dates::parse(b)?.moment()?)),
            (Self::Text(a), Self::Time(b)) => Some(dates::parse(a)?.moment()?.cmp(&b.moment()?)),
            (Self::Json(a), Self::Json(b)) => (a == b).then_some(Ordering::Equal),
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            _ => match (self.number()?, other.number()?) {
                (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
                (a, b) => a.float()?.partial_cmp(&b.float()?),
            },
        }
    }

    /// # Errors
    /// If it can't be converted.
    pub(crate) fn cast(self, to: Type) -> Result<Self, Wrong> {
        if self.is_nothing() {
            return Ok(self);
        }
        let cast = match to {
            Type::Bool => match self.number() {
                Some(number) => number.float().map(|float| Self::Bool(float != 0.0)),
                None => self.truth().map(Self::Bool),
            },
            Type::Int => match (self.number(), &self) {
                (Some(Self::Float(float)), _) => int_of(float).map(Self::Int),
                (Some(int), _) => Some(int),
                (None, Self::Bool(bool)) => Some(Self::Int(i64::from(*bool))),
                _ => None,
            },
            Type::Float => match &self {
                Self::Bool(bool) => Some(Self::Float(f64::from(u8::from(*bool)))),
                other => other.float().map(Self::Float),
            },
            Type::Text => Some(Self::Text(self.into_text())),
            Type::Time => match self {
                Self::Time(time) => Some(Self::Time(time)),
                Self::Text(text) => dates::parse(&text).map(Self::Time),
                _ => None,
            },
        };
        cast.ok_or(wrong::CAST)
    }
}

/// Without what stands behind the point.
fn int_of(float: f64) -> Option<i64> {
    const MOST: f64 = 9.2e18;
    #[expect(clippy::cast_possible_truncation, reason = "that is what the conversion means, within these bounds")]
    (float.abs() <= MOST).then_some(float as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn fields_are_compared_as_numbers_with_numbers() {
        assert_eq!(text("10").compare(&Value::Int(9)), Some(Ordering::Greater));
        assert_eq!(text("10").compare(&text("9")), Some(Ordering::Less), "but not with each other");
        assert_eq!(Value::Float(1.5).compare(&text(" 1.5")), Some(Ordering::Equal));
        assert_eq!(text("ten").compare(&Value::Int(9)), None);
        assert_eq!(Value::Null.compare(&Value::Null), None);
        assert_eq!(text("true").compare(&Value::Bool(true)), Some(Ordering::Equal));
    }

    #[test]
    fn what_can_be_cast() {
        assert_eq!(text("7.9").cast(Type::Int), Ok(Value::Int(7)));
        assert_eq!(text("7").cast(Type::Float), Ok(Value::Float(7.0)));
        assert_eq!(text("seven").cast(Type::Int), Err(wrong::CAST));
        assert_eq!(Value::Int(0).cast(Type::Bool), Ok(Value::Bool(false)));
        assert_eq!(Value::Int(5).cast(Type::Text), Ok(text("5")));
        assert_eq!(Value::Missing.cast(Type::Int), Ok(Value::Missing));
        assert_eq!(text("2007-04-05T14:30Z").cast(Type::Time).unwrap().into_text(), "2007-04-05T14:30:00Z");
        assert_eq!(text("soon").cast(Type::Time), Err(wrong::CAST));
        assert_eq!(Type::parse("DECIMAL(5,2)"), Some(Type::Float));
        assert_eq!(Type::parse("BLOB"), None);
    }
}
