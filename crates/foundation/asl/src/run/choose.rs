//! `Choice`.

use jiff::Timestamp;
use serde_json::Value;

use super::Trouble;
use super::context::{Around, Found};
use super::engine::Engine;
use super::frame::FrameId;
use super::leave::{self, Leaving};
use crate::definition::{
    After, Branch, Choice, Comparison, Filter, Language, Operator, Ordered, Relation, Right, Rule, State,
};
use crate::lang::{Env, Type};

impl Engine<'_> {
    pub(super) fn choose(&mut self, frame: FrameId, of: (&State, &Choice), around: &Around, input: Value) -> Found<()> {
        let (state, choice) = of;
        let env = around.env(&input, self);
        let mut chosen = None;
        for branch in &choice.rules {
            if holds(&branch.rule, &env)? {
                chosen = Some(branch);
                break;
            }
        }
        let next = chosen.map_or(choice.default.as_ref(), |branch| Some(&branch.next));
        let Some(next) = next else {
            let what = "Failed to transition out of the state. The state does not point to a next state.";
            return Err(Trouble { error: "States.NoChoiceMatched", ..Trouble::runtime(what.to_owned()) });
        };
        let mut leaving = self.chosen(state, chosen, around, &input)?;
        leaving.after = After::Next(next.clone());
        self.leave_or_fail(frame, state, leaving);
        Ok(())
    }

    /// AWS: what the state itself assigns and puts out is for the case that no rule holds.
    fn chosen(&self, state: &State, chosen: Option<&Branch>, around: &Around, input: &Value) -> Found<Leaving> {
        let env = around.env(input, self);
        match (chosen, state.language) {
            (Some(branch), Language::Jsonata) => Ok(Leaving {
                assigned: leave::assigned(&branch.assign, &env)?,
                output: match &branch.output {
                    Some(output) => output.evaluate(&env, "Output")?,
                    None => input.clone(),
                },
                after: state.after.clone(),
            }),
            (None, Language::Jsonata) => leave::by_jsonata(self, state, None, (around, input)),
            (chosen, Language::Paths) => {
                let output = match &state.data.output_path {
                    Filter::All => input.clone(),
                    Filter::Nothing => serde_json::json!({}),
                    Filter::At(path) => env.at(path)?,
                };
                let assign = chosen.map_or(&state.data.assign, |branch| &branch.assign);
                Ok(Leaving { output, assigned: leave::assigned(assign, &env)?, after: state.after.clone() })
            }
        }
    }
}

fn holds(rule: &Rule, env: &Env<'_>) -> Found<bool> {
    Ok(match rule {
        Rule::Constant(constant) => *constant,
        Rule::Not(inner) => !holds(inner, env)?,
        Rule::And(rules) => all(rules, env, false)?,
        Rule::Or(rules) => !all(rules, env, true)?,
        Rule::Condition(query) => {
            let value = query.evaluate(env, "Condition")?;
            value.as_bool().ok_or_else(|| query.unexpected("Condition", Type::Boolean, &value))?
        }
        Rule::Compare(comparison) => compared(comparison, env)?,
    })
}

/// Whether none of them comes out as `stop`.
fn all(rules: &[Rule], env: &Env<'_>, stop: bool) -> Found<bool> {
    for rule in rules {
        if holds(rule, env)? == stop {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compared(comparison: &Comparison, env: &Env<'_>) -> Found<bool> {
    let found = env.read(&comparison.variable);
    if let Operator::IsPresent(wanted) = comparison.operator {
        return Ok(found.is_some() == wanted);
    }
    let left = found.ok_or_else(|| invalid(comparison.variable.text()))?;
    Ok(match &comparison.operator {
        Operator::IsPresent(wanted) => *wanted,
        Operator::IsNull(wanted) => left.is_null() == *wanted,
        Operator::IsNumeric(wanted) => left.is_number() == *wanted,
        Operator::IsString(wanted) => left.is_string() == *wanted,
        Operator::IsBoolean(wanted) => left.is_boolean() == *wanted,
        Operator::IsTimestamp(wanted) => moment(&left).is_some() == *wanted,
        Operator::StringMatches(pattern) => left.as_str().is_some_and(|text| matches(pattern, text)),
        Operator::Order { kind, relation, right } => {
            let right = match right {
                Right::Fixed(value) => value.clone(),
                Right::At(path) => env.read(path).ok_or_else(|| invalid(path.text()))?,
            };
            order(*kind, &left, &right).is_some_and(|order| fits(*relation, order))
        }
    })
}

fn invalid(path: &str) -> Trouble {
    Trouble::runtime(format!("Invalid path '{path}': The choice state's condition path references an invalid value."))
}

/// `None`: one of them isn't of that kind, and nothing holds.
fn order(kind: Ordered, left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match kind {
        Ordered::String => Some(left.as_str()?.cmp(right.as_str()?)),
        Ordered::Numeric => left.as_f64()?.partial_cmp(&right.as_f64()?),
        Ordered::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
        Ordered::Timestamp => Some(moment(left)?.cmp(&moment(right)?)),
    }
}

fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

const fn fits(relation: Relation, order: std::cmp::Ordering) -> bool {
    match relation {
        Relation::Equals => order.is_eq(),
        Relation::LessThan => order.is_lt(),
        Relation::GreaterThan => order.is_gt(),
        Relation::LessThanEquals => order.is_le(),
        Relation::GreaterThanEquals => order.is_ge(),
    }
}

/// `*` stands for anything; `\\*` for itself.
fn matches(pattern: &str, text: &str) -> bool {
    let pieces = pieces(pattern);
    let [first, middle @ .., last] = pieces.as_slice() else {
        return pieces.first().is_some_and(|whole| whole == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    for piece in middle {
        let Some(at) = rest.find(piece.as_str()) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    true
}

/// What stands between the stars.
fn pieces(pattern: &str) -> Vec<String> {
    let (mut pieces, mut escaped) = (vec![String::new()], false);
    for letter in pattern.chars() {
        match letter {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '*' if !escaped => pieces.push(String::new()),
            letter => pieces.last_mut().into_iter().for_each(|piece| piece.push(letter)),
        }
        escaped = false;
    }
    pieces
}
