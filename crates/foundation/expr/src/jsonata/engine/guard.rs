//! Texts that grow: the engine bounds time, depth and lists, and not how long a text becomes.

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError};
use jsonata_core::functions::string::string;
use jsonata_core::value::{JValue, with_stack};

use crate::jsonata::Limits;

/// Names that no expression can write. They stand in trees for the operator `&` and for calls of what makes texts.
const CONCATENATE: &str = "&";
const GUARDED: [(&str, &str, Guarded); 4] =
    [("join", "&join", join), ("pad", "&pad", pad), ("replace", "&replace", replace), ("string", "&string", stringify)];
/// How many times longer than a text may be `$replace`'s could become before it is refused: mostly it doesn't.
const REPLACED: usize = 64;

type Outcome = Result<JValue, EvaluatorError>;
/// Of a context, which the engine's function may take for an argument, of arguments, and of the most bytes.
type Guarded = fn(&JValue, &[JValue], usize) -> Outcome;

/// Replaces what makes long texts by what looks at their length first.
pub(super) fn put_into(node: &mut AstNode) {
    with_stack(|| {
        children(node, &mut put_into);
        put_one(node);
    });
}

fn put_one(node: &mut AstNode) {
    match node {
        AstNode::Binary { op: BinaryOp::Concatenate, lhs, rhs } => {
            let args = [lhs, rhs].map(|side| std::mem::replace(&mut **side, AstNode::Undefined)).into();
            *node = AstNode::Function { name: CONCATENATE.to_owned(), args, is_builtin: true };
        }
        AstNode::Function { name, args, is_builtin: true } => {
            if let Some((_, guarded, _)) = GUARDED.iter().find(|(plain, ..)| plain == name) {
                (*guarded).clone_into(name);
                args.insert(0, AstNode::Variable(String::new()));
            }
        }
        _ => {}
    }
}

pub(super) fn register(evaluator: &mut Evaluator, limits: Limits) {
    let bytes = limits.bytes;
    // These names are nobody else's.
    drop(evaluator.register_fn(CONCATENATE, move |args: &[JValue]| concatenate(args, bytes)));
    for (_, name, guarded) in GUARDED {
        let call = move |args: &[JValue]| match args.split_first() {
            Some((context, args)) => guarded(context, args, bytes),
            None => Ok(JValue::Undefined),
        };
        drop(evaluator.register_fn(name, call));
    }
}

fn concatenate(args: &[JValue], bytes: usize) -> Outcome {
    let mut whole = String::new();
    for side in args {
        match side {
            JValue::Undefined => {}
            JValue::String(text) => whole.push_str(text),
            other => {
                within(weight(other, bytes), bytes)?;
                if let JValue::String(text) = string(other, None)? {
                    whole.push_str(&text);
                }
            }
        }
        within(whole.len(), bytes)?;
    }
    Ok(JValue::string(whole))
}

fn stringify(context: &JValue, args: &[JValue], bytes: usize) -> Outcome {
    match args {
        // The usual, without an evaluation of its own.
        [JValue::Bool(_) | JValue::Number(_) | JValue::String(_)] => {
            return Ok(string(args.first().unwrap_or(context), None)?);
        }
        [] => within(weight(context, bytes), bytes)?,
        [value, ..] => within(weight(value, bytes), bytes)?,
    }
    builtin("string", args, context)
}

fn join(context: &JValue, args: &[JValue], bytes: usize) -> Outcome {
    if let Some(JValue::Array(items)) = args.first() {
        let separator = args.get(1).map_or(0, len);
        let each = items.iter().map(|item| len(item).saturating_add(separator));
        within(each.fold(0, usize::saturating_add), bytes)?;
    }
    builtin("join", args, context)
}

fn pad(context: &JValue, args: &[JValue], bytes: usize) -> Outcome {
    let width = args.iter().find_map(JValue::as_f64).unwrap_or(0.0).abs();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    within(width as usize, bytes)?;
    builtin("pad", args, context)
}

fn replace(context: &JValue, args: &[JValue], bytes: usize) -> Outcome {
    let longest = |values: &[JValue]| values.iter().map(len).max().unwrap_or(0);
    let text = longest(args).max(len(context));
    let replacement = args.get(1..).map_or(0, longest);
    // By far too much for any use: a pattern may match at each character.
    within(text.saturating_mul(replacement) / REPLACED, bytes)?;
    builtin("replace", args, context)
}

fn len(value: &JValue) -> usize {
    value.as_str().map_or(0, str::len)
}

/// About how long a value is as JSON, counted up to a little more than `bytes`: what it shares counts each time.
fn weight(value: &JValue, bytes: usize) -> usize {
    let mut sum: usize = 0;
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        sum = sum.saturating_add(1 + len(value));
        match value {
            JValue::Array(items) => left.extend(items.iter()),
            JValue::Object(members) => {
                left.extend(members.values());
                sum = sum.saturating_add(members.keys().map(String::len).sum());
            }
            _ => {}
        }
        if sum.max(left.len()) > bytes {
            return bytes.saturating_add(1);
        }
    }
    sum
}

fn within(len: usize, bytes: usize) -> Result<(), EvaluatorError> {
    if len <= bytes {
        return Ok(());
    }
    Err(EvaluatorError::EvaluationError(format!("The expression makes a text of more than {bytes} bytes")))
}

/// What the engine's own function gives. `about` is the context, which some functions take for an argument.
pub(super) fn builtin(name: &str, args: &[JValue], about: &JValue) -> Outcome {
    let mut context = Context::new();
    let mut names = Vec::with_capacity(args.len());
    for (at, arg) in args.iter().enumerate() {
        let name = format!("a{at}");
        context.bind(name.clone(), arg.clone());
        names.push(AstNode::Variable(name));
    }
    let call = AstNode::Function { name: name.to_owned(), args: names, is_builtin: true };
    Evaluator::with_context(context).evaluate(&call, about)
}

/// Visits the nodes below.
fn children(node: &mut AstNode, visit: &mut dyn FnMut(&mut AstNode)) {
    match node {
        AstNode::Binary { lhs, rhs, .. } => [lhs, rhs].into_iter().for_each(|side| visit(side)),
        AstNode::Unary { operand: inner, .. } | AstNode::FunctionApplication(inner) => visit(inner),
        AstNode::Lambda { body, .. } => visit(body),
        AstNode::Function { args, .. } | AstNode::Array(args) | AstNode::ArrayGroup(args) | AstNode::Block(args) => {
            args.iter_mut().for_each(visit);
        }
        AstNode::Call { procedure, args } => {
            visit(procedure);
            args.iter_mut().for_each(visit);
        }
        AstNode::Object(pairs) => {
            pairs.iter_mut().for_each(|(name, value)| [name, value].into_iter().for_each(&mut *visit))
        }
        AstNode::ObjectTransform { input, pattern } => {
            visit(input);
            pattern.iter_mut().for_each(|(name, value)| [name, value].into_iter().for_each(&mut *visit));
        }
        AstNode::Conditional { condition, then_branch, else_branch } => {
            [condition, then_branch].into_iter().chain(else_branch).for_each(|branch| visit(branch));
        }
        AstNode::Sort { input, terms } => {
            visit(input);
            terms.iter_mut().for_each(|(term, _)| visit(term));
        }
        AstNode::Transform { location, update, delete } => {
            [location, update].into_iter().chain(delete).for_each(|part| visit(part));
        }
        AstNode::Path { steps } => steps.iter_mut().for_each(|step| of_step(step, visit)),
        _ => {}
    }
}

fn of_step(step: &mut PathStep, visit: &mut dyn FnMut(&mut AstNode)) {
    visit(&mut step.node);
    for stage in &mut step.stages {
        if let Stage::Filter(filter) = stage {
            visit(filter);
        }
    }
}
