//! Between [`Value`] and the types of the api crates.
//!
//! Reading is total: decoding and validation came before, so what does not fit here is a value the model lets pass
//! unchecked, and it reads as the type's default.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value as Document;
use updraft_kernel::UnixMillis;

use crate::Value;

/// What can be read from a [`Value`].
pub trait FromValue: Sized {
    fn from_value(value: Value) -> Self;
}

/// What can be written as a [`Value`].
pub trait IntoValue {
    fn into_value(self) -> Value;
}

/// Both ways, for a type that is one variant of [`Value`].
macro_rules! variant {
    ($type:ty, $variant:ident) => {
        impl FromValue for $type {
            fn from_value(value: Value) -> Self {
                match value {
                    Value::$variant(inner) => inner,
                    _ => Self::default(),
                }
            }
        }
        impl IntoValue for $type {
            fn into_value(self) -> Value {
                Value::$variant(self)
            }
        }
    };
}

variant!(bool, Bool);
variant!(i64, Int);
variant!(String, Text);
variant!(Bytes, Blob);
variant!(UnixMillis, Timestamp);
variant!(Document, Document);

impl FromValue for i32 {
    fn from_value(value: Value) -> Self {
        i32::try_from(i64::from_value(value)).unwrap_or_default()
    }
}
impl IntoValue for i32 {
    fn into_value(self) -> Value {
        Value::Int(i64::from(self))
    }
}

impl FromValue for f64 {
    fn from_value(value: Value) -> Self {
        match value {
            Value::Float(number) => number,
            _ => 0.0,
        }
    }
}
impl IntoValue for f64 {
    fn into_value(self) -> Value {
        Value::Float(self)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Self {
        if value.is_null() { None } else { Some(T::from_value(value)) }
    }
}
impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}

impl<T: FromValue> FromValue for Box<T> {
    fn from_value(value: Value) -> Self {
        Box::new(T::from_value(value))
    }
}
impl<T: IntoValue> IntoValue for Box<T> {
    fn into_value(self) -> Value {
        (*self).into_value()
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: Value) -> Self {
        match value {
            Value::List(items) => items.into_iter().map(T::from_value).collect(),
            _ => Self::new(),
        }
    }
}
impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect())
    }
}

impl<T: FromValue> FromValue for BTreeMap<String, T> {
    fn from_value(value: Value) -> Self {
        match value {
            Value::Map(entries) => entries.into_iter().map(|(key, value)| (key, T::from_value(value))).collect(),
            _ => Self::new(),
        }
    }
}
impl<T: IntoValue> IntoValue for BTreeMap<String, T> {
    fn into_value(self) -> Value {
        Value::Map(self.into_iter().map(|(key, value)| (key, value.into_value())).collect())
    }
}
