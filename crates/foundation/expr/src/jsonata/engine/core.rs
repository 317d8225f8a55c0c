//! The engine: the crate `jsonata-core`.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorOptions};
use jsonata_core::parser;
use jsonata_core::value::JValue;
use serde_json::{Map, Value};
use updraft_kernel::{RngExt, SeededRng};

use super::functions::{self, Surroundings};
use super::scope::Needs;
use super::{Engine, Fault, Program, guard, scope, values, words};
use crate::jsonata::{Bindings, Limits};

/// See [`Program`].
#[derive(Clone, Debug)]
pub(crate) struct Parsed {
    tree: Arc<AstNode>,
    needs: Arc<Needs>,
}

impl Program for Parsed {
    fn free(&self) -> &BTreeSet<String> {
        &self.needs.variables
    }
}

/// See [`Engine`].
pub(crate) struct Core {
    evaluator: Evaluator,
    limits: Limits,
}

impl Engine for Core {
    type Program = Parsed;

    fn parse(text: &str) -> Result<Parsed, Fault> {
        let parse = || parser::parse(text).map_err(|error| words::fault(&error.to_string(), &BTreeSet::new()));
        let mut tree = caught(parse)?;
        let needs = Arc::new(scope::needs(&tree));
        guard::put_into(&mut tree);
        Ok(Parsed { tree: Arc::new(tree), needs })
    }

    fn new(bindings: &Bindings<'_>, wanted: &BTreeSet<String>) -> Self {
        let mut context = Context::new();
        for name in wanted {
            let value = if name == "states" { Some(bindings.states) } else { bindings.variables.get(name) };
            // What isn't there is left unbound: then a name may still be a function's.
            if let Some(value) = value {
                context.bind(name.clone(), values::inward(value));
            }
        }
        let mut evaluator = Evaluator::with_options(context, options(bindings.limits));
        let rng = SeededRng::new(bindings.rng.u64());
        let surroundings = Rc::new(Surroundings { rng, now: bindings.now, limits: bindings.limits });
        functions::register(&mut evaluator, &surroundings);
        guard::register(&mut evaluator, bindings.limits);
        Self { evaluator, limits: bindings.limits }
    }

    fn evaluate(&mut self, program: &Parsed) -> Result<Option<Value>, Fault> {
        caught(|| {
            let found = self.evaluator.evaluate(&program.tree, &JValue::Undefined);
            let found = found.map_err(|error| words::fault(error.message(), &program.needs.calls))?;
            values::outward(&found, self.limits.bytes)
        })
    }
}

/// The engine is large, and there are expressions at which it panics, such as `$now("X[,")`: they fail, and nothing else.
fn caught<T>(what: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    let caught = catch_unwind(AssertUnwindSafe(what));
    caught.unwrap_or_else(|_| Err(Fault("The expression could not be evaluated".to_owned())))
}

fn options(limits: Limits) -> EvaluatorOptions {
    EvaluatorOptions {
        timeout_ms: Some(u64::try_from(limits.time.as_millis()).unwrap_or(u64::MAX)),
        cancel: None,
        max_stack_depth: Some(limits.depth),
        max_sequence_length: Some(limits.items),
    }
}

/// The language as it is by itself, for its own suite.
pub(in crate::jsonata) fn suite(
    text: &str,
    input: Option<&Value>,
    bindings: &Map<String, Value>,
    limits: Limits,
) -> Result<Option<Value>, Fault> {
    let Parsed { tree, needs } = Core::parse(text)?;
    let mut context = Context::new();
    for (name, value) in bindings {
        context.bind(name.clone(), values::inward(value));
    }
    let mut evaluator = Evaluator::with_options(context, options(limits));
    guard::register(&mut evaluator, limits);
    let input = input.map_or(JValue::Undefined, values::inward);
    let found = evaluator.evaluate(&tree, &input).map_err(|error| words::fault(error.message(), &needs.calls))?;
    values::outward(&found, limits.bytes)
}
