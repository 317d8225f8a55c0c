//! What a generated type expands to.

/// A structure of the model: the type itself and its conversions. The numbers are the members' places in the shape.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* $index:literal => $field:ident : $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $crate::FromValue for $name {
            fn from_value(value: $crate::Value) -> Self {
                #[allow(unused_mut, reason = "structures without members")]
                let mut out = Self::default();
                if let $crate::Value::Structure(fields) = value {
                    for (index, value) in fields {
                        match index {
                            $($index => out.$field = $crate::FromValue::from_value(value),)*
                            _ => drop(value),
                        }
                    }
                }
                out
            }
        }

        impl $crate::IntoValue for $name {
            fn into_value(self) -> $crate::Value {
                #[allow(unused_mut, reason = "structures without members")]
                let mut fields = ::std::vec::Vec::new();
                $($crate::macros::push(&mut fields, $index, $crate::IntoValue::into_value(self.$field));)*
                $crate::Value::Structure(fields)
            }
        }
    };
}

/// A string with known values: unknown ones are kept as they are.
#[macro_export]
macro_rules! string_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($variant,)*
            /// A value this version of the model does not list.
            Unknown(String),
        }

        impl $name {
            /// As on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }
        }

        impl ::std::default::Default for $name {
            fn default() -> Self {
                Self::Unknown(String::new())
            }
        }

        impl ::std::convert::From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)*
                    _ => Self::Unknown(text),
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::from(text.to_owned())
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::FromValue for $name {
            fn from_value(value: $crate::Value) -> Self {
                Self::from(<String as $crate::FromValue>::from_value(value))
            }
        }

        impl $crate::IntoValue for $name {
            fn into_value(self) -> $crate::Value {
                $crate::Value::Text(match self {
                    Self::Unknown(text) => text,
                    known => known.as_str().to_owned(),
                })
            }
        }
    };
}

/// Adds a member unless it is absent.
#[doc(hidden)]
pub fn push(fields: &mut Vec<(u16, crate::Value)>, index: u16, value: crate::Value) {
    if !value.is_null() {
        fields.push((index, value));
    }
}
