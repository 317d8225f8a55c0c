//! DynamoDB's numbers, values and expressions; pure, and the same for every place that needs them.
//!
//! Start at [`Bindings`] and the `parse_…` functions; what they return is checked and can be applied to an [`Item`].

mod bindings;
mod compare;
mod condition;
mod error;
mod key_condition;
mod lexer;
mod number;
mod number_key;
mod parser;
mod path;
mod projection;
mod reserved;
#[cfg(test)]
mod tests;
mod update;
mod value;

pub use bindings::Bindings;
pub use compare::{contains, order};
pub use condition::{Comparison, Condition, Operand};
pub use error::{Invalid, Kind};
pub use key_condition::{KeyCondition, KeySchema, SortCondition};
pub use number::Number;
pub use parser::{parse_condition, parse_projection, parse_update};
pub use path::{Clash, Path, Step};
pub use projection::Projection;
pub use update::{Action, SetOperand, SetValue, Update};
pub use value::{AttributeValue, Item, MAX_DEPTH, Type, item_size};
