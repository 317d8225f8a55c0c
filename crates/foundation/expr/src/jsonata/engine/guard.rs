//! Texts that grow: the engine bounds time, depth and lists, and not how long a text becomes.

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError};
use jsonata_core::functions::string::string;
use jsonata_core::value::{JValue, with_stack};

use crate::jsonata::Limits;

/// Names that no expression can write. They stand in trees for the operator `&` and for calls of `$join` and `$pad`.
const CONCATENATE: &str = "&";
const JOIN: &str = "&join";
const PAD: &str = "&pad";

type Outcome = Result<JValue, EvaluatorError>;

/// Replaces what makes long texts by what looks at their length first.
pub(super) fn put_into(node: &mut AstNode) {
    with_stack(|| {
        children(node, &mut put_into);
        replace(node);
    });
}

fn replace(node: &mut AstNode) {
    match node {
        AstNode::Binary { op: BinaryOp::Concatenate, lhs, rhs } => {
            let args = [lhs, rhs].map(|side| std::mem::replace(&mut **side, AstNode::Undefined)).into();
            *node = AstNode::Function { name: CONCATENATE.to_owned(), args, is_builtin: true };
        }
        AstNode::Function { name, args, is_builtin: true } if name == "join" && !args.is_empty() => {
            JOIN.clone_into(name);
        }
        // The context goes with it: it is padded where the text isn't given.
        AstNode::Function { name, args, is_builtin: true } if name == "pad" => {
            PAD.clone_into(name);
            args.insert(0, AstNode::Variable(String::new()));
        }
        _ => {}
    }
}

pub(super) fn register(evaluator: &mut Evaluator, limits: Limits) {
    let bytes = limits.bytes;
    let concatenate = move |args: &[JValue]| concatenate(args, bytes);
    let join = move |args: &[JValue]| join(args, bytes);
    let pad = move |args: &[JValue]| pad(args, bytes);
    // These names are nobody else's.
    drop(evaluator.register_fn(CONCATENATE, concatenate));
    drop(evaluator.register_fn(JOIN, join));
    drop(evaluator.register_fn(PAD, pad));
}

fn concatenate(args: &[JValue], bytes: usize) -> Outcome {
    let mut whole = String::new();
    for side in args {
        match side {
            JValue::Undefined => {}
            JValue::String(text) => whole.push_str(text),
            other => {
                if let JValue::String(text) = string(other, None)? {
                    whole.push_str(&text);
                }
            }
        }
    }
    within(whole.len(), bytes)?;
    Ok(JValue::string(whole))
}

fn join(args: &[JValue], bytes: usize) -> Outcome {
    if let Some(JValue::Array(items)) = args.first() {
        let separator = args.get(1).and_then(JValue::as_str).map_or(0, str::len);
        let each = items.iter().map(|item| item.as_str().map_or(0, str::len).saturating_add(separator));
        within(each.fold(0, usize::saturating_add), bytes)?;
    }
    builtin("join", args, &JValue::Undefined)
}

fn pad(args: &[JValue], bytes: usize) -> Outcome {
    let Some((context, args)) = args.split_first() else { return Ok(JValue::Undefined) };
    let width = args.iter().find_map(JValue::as_f64).unwrap_or(0.0).abs();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    within(width as usize, bytes)?;
    builtin("pad", args, context)
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
