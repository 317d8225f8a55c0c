//! What goes into a state and what comes out of it.

use super::Assign;
use crate::lang::{Expression, Path, Query, ReferencePath, Template};

/// In which language a state's fields are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    Paths,
    Jsonata,
}

/// `InputPath` or `OutputPath`.
#[derive(Clone, Debug, Default)]
pub enum Filter {
    /// Everything.
    #[default]
    All,
    /// `null`: an empty object.
    Nothing,
    At(Path),
}

/// `ResultPath`: where a result is put.
#[derive(Clone, Debug, Default)]
pub enum Place {
    /// It takes the input's place.
    #[default]
    Whole,
    /// `null`: it is dropped.
    Nowhere,
    Within(ReferencePath),
}

/// The fields that shape data. Those of the other language are absent.
#[derive(Clone, Debug, Default)]
pub struct Data {
    pub input: Filter,
    /// `Parameters` or `Arguments`.
    pub arguments: Option<Template>,
    /// `ResultSelector`.
    pub selector: Option<Template>,
    pub result: Place,
    pub output_path: Filter,
    /// `Output`.
    pub output: Option<Template>,
    pub assign: Assign,
}

/// A field that is either written, or found while the execution runs.
#[derive(Clone, Debug)]
pub enum Value<T> {
    Fixed(T),
    /// By the field that ends in `Path`.
    Path(Path),
    /// An intrinsic function, in a place for text.
    Call(Expression),
    Query(Query),
}
