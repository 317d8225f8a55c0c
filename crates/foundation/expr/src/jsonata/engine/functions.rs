//! What AWS adds to the language, what it takes away, and what would look at the world: the clock, randomness.

use std::rc::Rc;

use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::JValue;
use serde_json::Value;
use updraft_kernel::{RngExt, SeededRng, UnixMillis};

use super::{guard, values};
use crate::jsonata::Limits;
use crate::states::intrinsics::digest;

/// What the functions need besides their arguments.
pub(super) struct Surroundings {
    pub(super) rng: SeededRng,
    pub(super) now: UnixMillis,
    pub(super) limits: Limits,
}

type Outcome = Result<JValue, EvaluatorError>;
type Function = fn(&Surroundings, &[JValue]) -> Outcome;

const FUNCTIONS: [(&str, Function); 10] = [
    ("eval", |_, _| Err(EvaluatorError::EvaluationError("T1006: Attempted to invoke a non-function".to_owned()))),
    ("hash", |_, args| hash(args)),
    ("millis", |around, _| Ok(JValue::from(around.now.0))),
    ("now", now),
    ("parse", |_, args| parse(args)),
    ("partition", |_, args| partition(args)),
    ("random", random),
    ("range", range),
    ("shuffle", shuffle),
    ("uuid", |around, _| Ok(JValue::from(around.rng.uuid()))),
];

pub(super) fn register(evaluator: &mut Evaluator, around: &Rc<Surroundings>) {
    for (name, function) in FUNCTIONS {
        let around = Rc::clone(around);
        // None of these names is one that the engine keeps to itself.
        drop(evaluator.register_fn_override(name, move |args: &[JValue]| function(&around, args)));
    }
}

/// As the language says it of its own functions.
fn mismatch(name: &str, argument: usize) -> EvaluatorError {
    let what = format!("T0410: Argument {argument} of function \"{name}\" does not match function signature");
    EvaluatorError::TypeError(what)
}

/// The first `most` arguments: those behind are what `$map` and its like hand over to any function. Those that are undefined
/// at the end aren't there.
fn first(args: &[JValue], most: usize) -> &[JValue] {
    let args = args.get(..most).unwrap_or(args);
    let given = args.iter().rposition(|arg| !arg.is_undefined()).map_or(0, |last| last + 1);
    args.get(..given).unwrap_or_default()
}

fn whole(name: &str, args: &[JValue], at: usize) -> Result<i64, EvaluatorError> {
    let number = args.get(at).and_then(JValue::as_f64).filter(|number| number.is_finite());
    let number = number.ok_or_else(|| mismatch(name, at + 1))?;
    #[expect(clippy::cast_possible_truncation, reason = "it saturates")]
    Ok(number.round() as i64)
}

/// `$partition(list, size)`
fn partition(args: &[JValue]) -> Outcome {
    let args = first(args, 2);
    let list = match args.first() {
        None | Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(JValue::Array(items)) => items.to_vec(),
        // As everywhere in the language, one value is a list of one.
        Some(one) => vec![one.clone()],
    };
    let size = usize::try_from(whole("partition", args, 1)?).ok().filter(|size| *size > 0);
    let size = size.ok_or_else(|| mismatch("partition", 2))?;
    Ok(JValue::array(list.chunks(size).map(|part| JValue::array(part.to_vec())).collect()))
}

/// `$range(start, last, step)`, both ends included where the steps meet them.
fn range(around: &Surroundings, args: &[JValue]) -> Outcome {
    let args = first(args, 3);
    let number = |at: usize| args.get(at).and_then(JValue::as_f64).ok_or_else(|| mismatch("range", at + 1));
    let (start, last, step) = (number(0)?, number(1)?, if args.len() > 2 { number(2)? } else { 1.0 });
    let count = ((last - start) / step).floor() + 1.0;
    if step == 0.0 || count.is_nan() {
        return Err(mismatch("range", 3));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let count = count.max(0.0) as usize;
    if count > around.limits.items {
        let what = format!(
            "D2014: The size of the sequence allocated by the range operator must not exceed {}",
            around.limits.items
        );
        return Err(EvaluatorError::EvaluationError(what));
    }
    #[expect(clippy::cast_precision_loss, reason = "counts are below the limit of items")]
    let item = |at: usize| JValue::Number(start + at as f64 * step);
    Ok(JValue::array((0..count).map(item).collect()))
}

/// `$hash(text, algorithm)`
fn hash(args: &[JValue]) -> Outcome {
    let args = first(args, 2);
    let data = match args.first() {
        None | Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(data) => data.as_str().ok_or_else(|| mismatch("hash", 1))?,
    };
    let algorithm = args.get(1).and_then(JValue::as_str).ok_or_else(|| mismatch("hash", 2))?;
    digest(data, algorithm).map(JValue::from).map_err(EvaluatorError::EvaluationError)
}

/// `$random()`, or `$random(seed)`, which gives the same number for the same seed. From 0 to below 1.
fn random(around: &Surroundings, args: &[JValue]) -> Outcome {
    let args = first(args, 1);
    let drawn = match args.first() {
        None => around.rng.u64(),
        Some(seed) => {
            let seed = seed.as_f64().ok_or_else(|| mismatch("random", 1))?;
            SeededRng::new(seed.to_bits()).u64()
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "only as many bits are taken as fit")]
    Ok(JValue::Number((drawn >> 11) as f64 / (1_u64 << 53) as f64))
}

/// `$parse(text)`: what JSON says.
fn parse(args: &[JValue]) -> Outcome {
    let args = first(args, 1);
    let text = match args.first() {
        None | Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(text) => text.as_str().ok_or_else(|| mismatch("parse", 1))?,
    };
    let value: Value = serde_json::from_str(text).map_err(|_| {
        EvaluatorError::EvaluationError("The argument of the parse function is not valid JSON".to_owned())
    })?;
    Ok(values::inward(&value))
}

/// `$now(picture?, timezone?)`
fn now(around: &Surroundings, args: &[JValue]) -> Outcome {
    let args = first(args, 2);
    let all: Vec<JValue> = std::iter::once(JValue::from(around.now.0)).chain(args.iter().cloned()).collect();
    guard::builtin("fromMillis", &all, &JValue::Undefined)
}

/// `$shuffle(list)`
fn shuffle(around: &Surroundings, args: &[JValue]) -> Outcome {
    let args = first(args, 1);
    let mut items = match args.first() {
        None => return Ok(JValue::Undefined),
        Some(JValue::Array(items)) => items.to_vec(),
        Some(one) => vec![one.clone()],
    };
    for last in (1..items.len()).rev() {
        let below = u64::try_from(last + 1).unwrap_or(u64::MAX);
        items.swap(last, usize::try_from(around.rng.below(below)).unwrap_or(0));
    }
    Ok(JValue::array(items))
}
