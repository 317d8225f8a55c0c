//! Intrinsic functions: `States.Format('{}!', $.name)` and its like.

mod arrays;
mod failure;
mod format;
mod function;
mod parse;
mod texts;
mod values;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;
use updraft_kernel::Rng;

pub use self::failure::IntrinsicFailure;
use self::function::Function;
pub use self::parse::CallError;
pub(crate) use self::texts::digest;
use super::path::Path;
use super::scope::Scope;

/// A call of an intrinsic function, read and ready to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    text: String,
    function: Function,
    arguments: Vec<Argument>,
}

#[derive(Clone, Debug, PartialEq)]
enum Argument {
    /// Null, true, false, or a number.
    Literal(Value),
    Text {
        /// Without its escapes.
        plain: String,
        /// With them, for `States.Format`, to which they mean something.
        raw: String,
    },
    Path(Path),
    Call(Call),
}

impl Call {
    /// `text` is the whole call. Names, numbers of arguments and AWS's limit of ten calls in one field are checked here.
    pub fn parse(text: &str) -> Result<Self, CallError> {
        parse::whole(text)
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds the variables that it reads, without their `$`.
    pub fn variables(&self, into: &mut BTreeSet<String>) {
        for argument in &self.arguments {
            match argument {
                Argument::Path(path) => path.variables(into),
                Argument::Call(call) => call.variables(into),
                Argument::Literal(_) | Argument::Text { .. } => {}
            }
        }
    }

    /// Makes it. `rng` is where `States.UUID` and an unseeded `States.MathRandom` take from.
    pub fn evaluate(&self, scope: &Scope<'_>, rng: &dyn Rng) -> Result<Value, IntrinsicFailure> {
        let arguments = self.arguments.iter().map(|argument| self.argument(argument, scope, rng));
        let arguments: Vec<Value> = arguments.collect::<Result<_, _>>()?;
        self.function.apply(&arguments, rng).map_err(|what| IntrinsicFailure::refused(self, what))
    }

    fn argument(&self, argument: &Argument, scope: &Scope<'_>, rng: &dyn Rng) -> Result<Value, IntrinsicFailure> {
        match argument {
            Argument::Literal(value) => Ok(value.clone()),
            Argument::Text { raw, .. } if self.function == Function::Format => Ok(Value::from(raw.as_str())),
            Argument::Text { plain, .. } => Ok(Value::from(plain.as_str())),
            Argument::Path(path) => path.read(scope).map_err(|_| IntrinsicFailure::missing(self, path, scope.input)),
            Argument::Call(call) => call.evaluate(scope, rng),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
