//! What a generated type expands to.

/// A structure of the model: the type itself and its conversions. The numbers are the members' places in the shape.
/// What is `secret` never shows in its `Debug` form.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident { $($index:literal => $field:ident : $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            $(pub $field: $type,)*
        }

        $crate::record! { @convert $name $($index $field)* }
    };
    (
        $(#[$meta:meta])* pub struct $name:ident { $($index:literal => $field:ident : $type:ty,)* }
        secret { $($secret_index:literal => $secret:ident : $secret_type:ty,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq)]
        pub struct $name {
            $(pub $field: $type,)*
            $(pub $secret: $secret_type,)+
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }

        $crate::record! { @convert $name $($index $field)* $($secret_index $secret)+ }
    };
    (@convert $name:ident $($index:literal $field:ident)*) => {
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

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macros are made for api crates")]
mod tests {
    use crate::{FromValue, IntoValue, Value};

    record! {
        pub struct Login {
            0 => user: String,
            2 => colour: Option<Colour>,
        }
        secret {
            1 => password: Option<String>,
        }
    }

    string_enum! {
        pub enum Colour {
            Red = "RED",
        }
    }

    fn value(colour: &str) -> Value {
        let text = |text: &str| Value::Text(text.to_owned());
        Value::Structure(vec![(0, text("ada")), (2, text(colour)), (1, text("hunter2"))])
    }

    #[test]
    fn secrets_do_not_show() {
        let shown = format!("{:?}", Login::from_value(value("RED")));
        assert!(shown.contains("ada") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn types_and_values_turn_into_each_other() {
        let login = Login::from_value(value("RED"));
        assert_eq!((login.colour.as_ref(), login.password.as_deref()), (Some(&Colour::Red), Some("hunter2")));
        assert_eq!(login.into_value(), value("RED"));
    }

    #[test]
    fn unknown_values_are_kept() {
        let login = Login::from_value(value("MAUVE"));
        assert_eq!(login.colour, Some(Colour::Unknown("MAUVE".to_owned())));
        assert_eq!(login.into_value(), value("MAUVE"));
    }

    #[test]
    fn what_is_absent_stays_absent() {
        let login = Login::from_value(Value::Structure(vec![(9, Value::Null)]));
        assert_eq!(login, Login::default());
        assert_eq!(login.into_value(), Value::Structure(vec![(0, Value::Text(String::new()))]));
    }
}
