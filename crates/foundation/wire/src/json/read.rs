//! From JSON to [`Value`], led by the shape.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use updraft_kernel::error::code;
use updraft_kernel::{AwsError, UnixMillis};

use super::mismatch::mismatch;
use super::reader::{Fault, Reader, Token};
use crate::model::{Kind, Location, Member, Shape, Style};
use crate::{Value, time};

/// A whole body; an empty one is an empty structure.
pub(crate) fn body(style: Style, shape: &'static Shape, body: &[u8]) -> Result<Value, AwsError> {
    if body.is_empty() && shape.kind == Kind::Structure {
        return Ok(Value::empty());
    }
    let malformed = || AwsError::new(&code::SERIALIZATION, "");
    let mut walk = Walk { reader: Reader::new(std::str::from_utf8(body).map_err(|_| malformed())?), style };
    match walk.value(shape) {
        Ok(Value::Null) if shape.kind == Kind::Structure && walk.reader.is_done() => Ok(Value::empty()),
        Ok(value) if walk.reader.is_done() => Ok(value),
        Ok(_) | Err(Fault::Malformed) => Err(malformed()),
        Err(Fault::Mismatch(words)) => Err(AwsError::new(&code::SERIALIZATION, words)),
    }
}

struct Walk<'a> {
    reader: Reader<'a>,
    style: Style,
}

impl Walk<'_> {
    fn value(&mut self, shape: &'static Shape) -> Result<Value, Fault> {
        let token = self.reader.peek()?;
        match (shape.kind, token) {
            (Kind::Document, _) => self.document(),
            (_, Token::Null) => self.reader.word("null").map(|()| Value::Null),
            (Kind::Structure, Token::Object) => self.structure(shape),
            (Kind::List, Token::Array) => self.list(shape),
            (Kind::Map, Token::Object) => self.map(shape),
            (Kind::Text, Token::Text) => Ok(Value::Text(self.reader.string()?.into_owned())),
            (Kind::Boolean, Token::True) => self.reader.word("true").map(|()| Value::Bool(true)),
            (Kind::Boolean, Token::False) => self.reader.word("false").map(|()| Value::Bool(false)),
            (Kind::Integer | Kind::Long, Token::Number) => self.integer(shape.kind),
            (Kind::Double, Token::Number) => Ok(Value::Float(float(self.reader.number()?)?)),
            (Kind::Double, Token::Text) => self.special_float(),
            (Kind::Timestamp, Token::Number) => {
                Ok(Value::Timestamp(time::from_seconds(float(self.reader.number()?)?).ok_or(Fault::Malformed)?))
            }
            (Kind::Timestamp, Token::Text) => self.timestamp(),
            (Kind::Blob, Token::Text) => self.blob(),
            (kind, token) => Err(mismatch(self.style, kind, token)),
        }
    }

    fn structure(&mut self, shape: &'static Shape) -> Result<Value, Fault> {
        let mut fields: Vec<(u16, Value)> = Vec::new();
        let mut inside = self.reader.enter(b'{')?;
        while self.reader.more(&mut inside)? {
            let key = self.reader.key()?;
            let Some((index, member)) = body_member(shape, &key) else {
                self.reader.skip()?;
                continue;
            };
            let value = self.value(member.shape)?;
            // The last of several wins, as in every JSON parser of AWS; null is absence.
            fields.retain(|(at, _)| *at != index);
            if !value.is_null() {
                fields.push((index, value));
            }
        }
        Ok(Value::Structure(fields))
    }

    fn list(&mut self, shape: &'static Shape) -> Result<Value, Fault> {
        let Some(element) = shape.members.first() else { return Err(Fault::Malformed) };
        let mut items = Vec::new();
        let mut inside = self.reader.enter(b'[')?;
        while self.reader.more(&mut inside)? {
            items.push(self.value(element.shape)?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, shape: &'static Shape) -> Result<Value, Fault> {
        let Some(value_of) = shape.members.get(1) else { return Err(Fault::Malformed) };
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut inside = self.reader.enter(b'{')?;
        while self.reader.more(&mut inside)? {
            let key = self.reader.key()?.into_owned();
            entries.push((key, self.value(value_of.shape)?));
        }
        Ok(Value::Map(entries))
    }

    fn integer(&mut self, kind: Kind) -> Result<Value, Fault> {
        let text = self.reader.number()?;
        let number = match text.parse::<i64>() {
            Ok(number) => Some(number),
            Err(_) => whole(float(text)?),
        };
        let fits = |number: &i64| kind == Kind::Long || i32::try_from(*number).is_ok();
        number.filter(fits).map(Value::Int).ok_or_else(|| mismatch(self.style, kind, Token::Number))
    }

    fn special_float(&mut self) -> Result<Value, Fault> {
        match &*self.reader.string()? {
            "NaN" => Ok(Value::Float(f64::NAN)),
            "Infinity" => Ok(Value::Float(f64::INFINITY)),
            "-Infinity" => Ok(Value::Float(f64::NEG_INFINITY)),
            _ => Err(mismatch(self.style, Kind::Double, Token::Text)),
        }
    }

    fn timestamp(&mut self) -> Result<Value, Fault> {
        let text = self.reader.string()?;
        let read: Option<UnixMillis> = time::parse(&text);
        read.map(Value::Timestamp).ok_or_else(|| mismatch(self.style, Kind::Timestamp, Token::Text))
    }

    fn blob(&mut self) -> Result<Value, Fault> {
        let text = self.reader.string()?;
        let bytes = STANDARD.decode(text.as_bytes());
        bytes.map(|bytes| Value::Blob(bytes.into())).map_err(|_| Fault::Mismatch("Invalid Base64".to_owned()))
    }

    fn document(&mut self) -> Result<Value, Fault> {
        serde_json::from_str(self.reader.raw()?).map(Value::Document).map_err(|_| Fault::Malformed)
    }
}

/// The member that travels in the body under that name.
fn body_member(shape: &'static Shape, key: &str) -> Option<(u16, &'static Member)> {
    shape.body_members().find(|(_, member)| member.wire == key)
}

impl Shape {
    /// The members of a structure that travel in a body, with their indexes.
    pub(crate) fn body_members(&'static self) -> impl Iterator<Item = (u16, &'static Member)> {
        self.indexed().filter(|(_, member)| member.location == Location::Body)
    }

    /// The members of a structure with their indexes.
    pub(crate) fn indexed(&'static self) -> impl Iterator<Item = (u16, &'static Member)> {
        (0..).zip(self.members)
    }
}

fn float(text: &str) -> Result<f64, Fault> {
    text.parse().map_err(|_| Fault::Malformed)
}

/// AWS: decimals given for integers are truncated.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first, the fraction is meant to go")]
fn whole(number: f64) -> Option<i64> {
    (number.abs() < 9e18).then_some(number as i64)
}
