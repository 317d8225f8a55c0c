//! The expressions of a request, parsed together because they share their placeholders.

use std::collections::BTreeMap;

use updraft_expr::dynamodb::{
    Bindings, Condition, Kind, Projection, Update, parse_condition, parse_projection, parse_update,
};
use updraft_kernel::AwsError;

use crate::errors::validation;
use crate::model::value::{WireItem, parse_item};

/// As the request has them.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) condition: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) key_condition: Option<String>,
    pub(crate) projection: Option<String>,
    pub(crate) update: Option<String>,
    pub(crate) names: Option<BTreeMap<String, String>>,
    pub(crate) values: Option<WireItem>,
}

/// Parsed, and every placeholder used.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    pub(crate) condition: Option<Condition>,
    pub(crate) filter: Option<Condition>,
    pub(crate) key_condition: Option<Condition>,
    pub(crate) projection: Option<Projection>,
    pub(crate) update: Option<Update>,
}

impl Texts {
    pub(crate) fn parse(self) -> Result<Expressions, AwsError> {
        self.check_any()?;
        let values = self.values.map(parse_item).transpose()?;
        let mut bindings = Bindings::new(self.names, values)?;
        let mut condition =
            |kind: Kind, text: Option<String>| text.map(|text| parse_condition(kind, &text, &mut bindings)).transpose();
        let out = Expressions {
            key_condition: condition(Kind::KeyCondition, self.key_condition)?,
            filter: condition(Kind::Filter, self.filter)?,
            condition: condition(Kind::Condition, self.condition)?,
            projection: self.projection.map(|text| parse_projection(&text, &mut bindings)).transpose()?,
            update: self.update.map(|text| parse_update(&text, &mut bindings)).transpose()?,
        };
        bindings.check_all_used()?;
        Ok(out)
    }

    fn check_any(&self) -> Result<(), AwsError> {
        let texts = [&self.condition, &self.filter, &self.key_condition, &self.projection, &self.update];
        if texts.iter().any(|text| text.is_some()) {
            return Ok(());
        }
        if self.names.is_some() {
            return Err(validation("ExpressionAttributeNames can only be specified when using expressions"));
        }
        if self.values.is_some() {
            return Err(validation("ExpressionAttributeValues can only be specified when using expressions"));
        }
        Ok(())
    }
}

/// Refuses a request with both expressions and the older parameters. Each is a name and whether it was given.
pub(crate) fn check_not_mixed(older: &[(&str, bool)], expressions: &[(&str, bool)]) -> Result<(), AwsError> {
    let given = |all: &[(&str, bool)]| {
        all.iter().filter(|(_, given)| *given).map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>().join(", ")
    };
    let (older, expressions) = (given(older), given(expressions));
    if older.is_empty() || expressions.is_empty() {
        return Ok(());
    }
    Err(validation(format!(
        "Can not use both expression and non-expression parameters in the same request: \
         Non-expression parameters: {{{older}}} Expression parameters: {{{expressions}}}"
    )))
}
