//! JSONata as Step Functions has it: `{% $states.input.total * 2 %}`.
//!
//! A definition is parsed once ([`Expression`], [`Template`]) and evaluated often, against [`Bindings`]. The language itself
//! is a library's, behind a small trait; what AWS adds ($partition, $range, $hash, $random, $uuid, $parse) and takes away
//! ($eval) is here, and so are the limits. Errors ([`QueryError`]) are AWS's `States.QueryEvaluationError`, in AWS's words.
//!
//! ```
//! use serde_json::{Map, json};
//! use updraft_expr::jsonata::{Bindings, Limits, Template};
//! use updraft_kernel::{SeededRng, UnixMillis};
//!
//! let template = Template::parse(&json!({"total": "{% $sum($states.input.prices) * $rate %}", "lang": "en"}))?;
//! let (states, mut variables) = (json!({"input": {"prices": [1, 2]}}), Map::new());
//! variables.insert("rate".to_owned(), json!(2));
//! let (rng, now) = (SeededRng::new(1), UnixMillis(0));
//! let bindings = Bindings { states: &states, variables: &variables, rng: &rng, now, limits: Limits::default() };
//! assert_eq!(template.evaluate("Output", &bindings)?, json!({"total": 6, "lang": "en"}));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bindings;
mod engine;
mod error;
mod expression;
mod template;

pub use bindings::{Bindings, Limits};
pub use error::{QueryError, SyntaxError, Type};
pub use expression::{Expression, Suite};
pub use template::{Template, TemplateError};

#[cfg(test)]
mod tests;
