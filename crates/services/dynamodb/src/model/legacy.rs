//! The parameters from before expressions, turned into what expressions become.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use updraft_api_dynamodb::types::{
    AttributeAction, AttributeValue as Wire, AttributeValueUpdate, ComparisonOperator, Condition as WireCondition,
    ConditionalOperator, ExpectedAttributeValue,
};
use updraft_expr::dynamodb::{
    Action, AttributeValue, Comparison, Condition, Operand, Path, Projection, SetOperand, SetValue, Type, Update, order,
};
use updraft_kernel::AwsError;

use crate::errors::{invalid_parameter, validation};
use crate::model::value::parse;

/// `AttributesToGet`
pub(crate) fn projection(attributes: Vec<String>) -> Result<Projection, AwsError> {
    let mut sorted: Vec<&String> = attributes.iter().collect();
    sorted.sort();
    if let Some([twice, _]) = sorted.array_windows().find(|[a, b]| a == b) {
        return Err(invalid_parameter(format_args!("Duplicate value in attribute name: {twice}")));
    }
    Ok(Projection::new(attributes.into_iter().map(Path::attribute).collect()))
}

/// `QueryFilter`, `ScanFilter`
pub(crate) fn conditions(
    conditions: BTreeMap<String, WireCondition>,
    operator: Option<&ConditionalOperator>,
) -> Result<Option<Condition>, AwsError> {
    let parse = |(name, condition): (String, WireCondition)| {
        let operands = condition.attribute_value_list.unwrap_or_default();
        comparison(&name, &condition.comparison_operator, operands)
    };
    join(conditions.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?, operator)
}

/// `Expected`
pub(crate) fn expected(
    expected: BTreeMap<String, ExpectedAttributeValue>,
    operator: Option<&ConditionalOperator>,
) -> Result<Option<Condition>, AwsError> {
    let parse = |(name, one): (String, ExpectedAttributeValue)| expectation(&name, one);
    join(expected.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?, operator)
}

fn join(all: Vec<Condition>, operator: Option<&ConditionalOperator>) -> Result<Option<Condition>, AwsError> {
    match (all.len(), operator) {
        (0, Some(_)) => Err(validation("ConditionalOperator cannot be used without Filter or Expected")),
        (0, None) => Ok(None),
        (_, Some(ConditionalOperator::Or)) => Ok(Some(Condition::Or(all))),
        _ => Ok(Some(Condition::And(all))),
    }
}

fn expectation(name: &str, one: ExpectedAttributeValue) -> Result<Condition, AwsError> {
    if let Some(operator) = one.comparison_operator {
        let mut operands = one.attribute_value_list.unwrap_or_default();
        operands.extend(one.value);
        return comparison(name, &operator, operands);
    }
    match (one.value, one.exists) {
        (None, Some(false)) => Ok(Condition::NotExists(Path::attribute(name))),
        (Some(value), None | Some(true)) => comparison(name, &ComparisonOperator::Eq, vec![value]),
        (Some(_), Some(false)) => {
            Err(invalid_parameter(format_args!("Value cannot be used when Exists is false for Attribute: {name}")))
        }
        (None, exists) => {
            let exists = exists.map_or("null", |_| "true");
            Err(invalid_parameter(format_args!("Value must be provided when Exists is {exists} for Attribute: {name}")))
        }
    }
}

fn comparison(name: &str, operator: &ComparisonOperator, operands: Vec<Wire>) -> Result<Condition, AwsError> {
    let values = operands.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    check_operands(operator, &values)?;
    let path = || Path::attribute(name);
    let here = || Operand::Path(path());
    let mut values = values.into_iter().map(Operand::Value);
    let simple = |comparison, values: &mut dyn Iterator<Item = Operand>| {
        values.next().map(|right| Condition::Compare { comparison, left: here(), right })
    };
    let condition = match operator {
        ComparisonOperator::Null => Some(Condition::NotExists(path())),
        ComparisonOperator::NotNull => Some(Condition::Exists(path())),
        ComparisonOperator::Eq => simple(Comparison::Equal, &mut values),
        ComparisonOperator::Ne => simple(Comparison::NotEqual, &mut values),
        ComparisonOperator::Lt => simple(Comparison::Less, &mut values),
        ComparisonOperator::Le => simple(Comparison::LessOrEqual, &mut values),
        ComparisonOperator::Gt => simple(Comparison::Greater, &mut values),
        ComparisonOperator::Ge => simple(Comparison::GreaterOrEqual, &mut values),
        ComparisonOperator::BeginsWith => values.next().map(|prefix| Condition::BeginsWith(here(), prefix)),
        ComparisonOperator::Contains => values.next().map(|part| Condition::Contains(here(), part)),
        ComparisonOperator::NotContains => {
            values.next().map(|part| Condition::Not(Box::new(Condition::Contains(here(), part))))
        }
        ComparisonOperator::In => Some(Condition::In { operand: here(), list: values.collect() }),
        ComparisonOperator::Between => match (values.next(), values.next()) {
            (Some(low), Some(high)) => Some(Condition::Between { operand: here(), low, high }),
            _ => None,
        },
        ComparisonOperator::Unknown(_) => None,
    };
    condition.ok_or_else(|| wrong_count(operator))
}

fn wrong_count(operator: &ComparisonOperator) -> AwsError {
    let name = operator.as_str();
    invalid_parameter(format_args!("Invalid number of argument(s) for the {name} ComparisonOperator"))
}

/// How many operands there are, and of which types.
fn check_operands(operator: &ComparisonOperator, values: &[AttributeValue]) -> Result<(), AwsError> {
    use ComparisonOperator as Op;
    let fits = match operator {
        Op::Null | Op::NotNull => values.is_empty(),
        Op::In => !values.is_empty(),
        Op::Between => values.len() == 2,
        _ => values.len() == 1,
    };
    if !fits {
        return Err(wrong_count(operator));
    }
    let takes = |t: Type| match operator {
        Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Between | Op::In | Op::Contains | Op::NotContains => t.is_ordered(),
        Op::BeginsWith => matches!(t, Type::S | Type::B),
        _ => true,
    };
    match values.iter().find(|value| !takes(value.type_of())) {
        None => check_alike(operator, values),
        Some(value) => {
            let (name, found) = (operator.as_str(), value.type_of().name());
            Err(invalid_parameter(format_args!(
                "ComparisonOperator {name} is not valid for {found} AttributeValue type"
            )))
        }
    }
}

/// What several operands have to do with each other.
fn check_alike(operator: &ComparisonOperator, values: &[AttributeValue]) -> Result<(), AwsError> {
    if values.array_windows().any(|[a, b]| a.type_of() != b.type_of()) {
        return Err(invalid_parameter("AttributeValues inside AttributeValueList must be of same type"));
    }
    match (operator, values) {
        (ComparisonOperator::Between, [low, high]) if order(low, high) == Some(Ordering::Greater) => Err(validation(
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
        )),
        _ => Ok(()),
    }
}

/// `KeyConditions`
pub(crate) fn key_conditions(wire: BTreeMap<String, WireCondition>) -> Result<Option<Condition>, AwsError> {
    use ComparisonOperator as Op;
    let indexable = |op: &Op| matches!(op, Op::Eq | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Between | Op::BeginsWith);
    let refused = wire.values().any(|condition| !indexable(&condition.comparison_operator));
    let parsed = conditions(wire, None)?;
    if refused {
        return Err(validation("Attempted conditional constraint is not an indexable operation"));
    }
    Ok(parsed)
}

/// `AttributeUpdates`
pub(crate) fn update(updates: BTreeMap<String, AttributeValueUpdate>) -> Result<Update, AwsError> {
    let actions = updates.into_iter().map(|(name, one)| action(name, one)).collect::<Result<Vec<_>, _>>()?;
    Ok(Update { actions })
}

fn action(name: String, one: AttributeValueUpdate) -> Result<Action, AwsError> {
    let value = one.value.map(parse).transpose()?;
    let path = Path::attribute(name);
    match (one.action.unwrap_or(AttributeAction::Put), value) {
        (AttributeAction::Put, Some(value)) => Ok(Action::Set(path, SetValue::Operand(SetOperand::Value(value)))),
        (AttributeAction::Delete, None) => Ok(Action::Remove(path)),
        (AttributeAction::Delete, Some(value)) if value.type_of().is_set() => Ok(Action::Delete(path, value)),
        (AttributeAction::Add, Some(value)) if value.type_of().is_set() || value.type_of() == Type::N => {
            Ok(Action::Add(path, value))
        }
        (AttributeAction::Delete, Some(value)) => Err(unsupported("DELETE", &value)),
        (AttributeAction::Add, Some(value)) => Err(unsupported("ADD", &value)),
        (_, None) => Err(invalid_parameter("Only DELETE action is allowed when no attribute value is specified")),
        (AttributeAction::Unknown(action), _) => Err(invalid_parameter(format_args!("Unknown action {action}"))),
    }
}

fn unsupported(action: &str, value: &AttributeValue) -> AwsError {
    let found = value.type_of().name();
    invalid_parameter(format_args!("{action} action is not supported for the type {found}"))
}
