//! What workflows of the query language JSONPath are written in: paths, intrinsic functions and payload templates.
//!
//! A definition is parsed once ([`Path`], [`ReferencePath`], [`Expression`], [`Template`]) and evaluated often, against a
//! [`Scope`]. Nothing here knows a state or a field: errors come in parts, with methods that put AWS's sentences together
//! as far as they are the language's own.
//!
//! ```
//! use serde_json::{Map, json};
//! use updraft_expr::states::{Scope, Template};
//! use updraft_kernel::SeededRng;
//!
//! let template = Template::parse(&json!({"greeting.$": "States.Format('Hello, {}!', $.name)", "lang": "en"}))?;
//! let (input, context, variables) = (json!({"name": "Ada"}), json!({}), Map::new());
//! let scope = Scope { input: &input, context: &context, variables: &variables };
//! assert_eq!(template.evaluate(&scope, &SeededRng::new(1))?, json!({"greeting": "Hello, Ada!", "lang": "en"}));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cursor;
mod error;
mod expression;
pub mod intrinsics;
pub mod path;
mod scope;
mod template;

pub use error::{ErrorName, EvaluationError};
pub use expression::{Expression, InvalidExpression};
pub use intrinsics::{Call, IntrinsicFailure};
pub use path::{Missing, Path, PathError, ReferencePath, Root};
pub use scope::{Scope, Variables};
pub use template::{Template, TemplateError};

#[cfg(test)]
mod tests;
