//! What has tags: functions and code signing configurations.

use std::collections::BTreeMap;

use updraft_kernel::{Arn, AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::{invalid_parameter, not_found, unsupported};
use crate::keys::{FunctionKey, SigningKey};
use crate::model::name::Target;
use crate::{signing, table};

/// One resource, named by its ARN, which the tables have checked.
#[derive(Debug)]
pub(crate) enum Tagged {
    Function(Target),
    /// The ARN of a code signing configuration.
    Signing(String),
}

pub(crate) type Tags = BTreeMap<String, String>;

impl Tagged {
    /// # Errors
    /// If there can be no tags there.
    pub(crate) fn parse(cx: &Ctx, resource: &str) -> Result<Self, AwsError> {
        let arn = Arn::parse(resource).map_err(AwsError::internal)?;
        match arn.resource.split(':').next() {
            Some("function") => function(cx, resource).map(Self::Function),
            Some("code-signing-config") => Ok(Self::Signing(resource.to_owned())),
            Some("event-source-mapping") => Err(not_found(format!("Event source mapping not found: {resource}"))),
            _ => Err(unsupported("Tags of anything but functions, event source mappings and code signing are")),
        }
    }

    /// # Errors
    /// In AWS's words, if there is no such resource.
    pub(crate) async fn read(&self, cx: &Ctx, tx: &mut Tx) -> Result<Tags, AwsError> {
        match self {
            Self::Function(target) => Ok(table::function(tx, target).await?.tags),
            Self::Signing(arn) => Ok(signing::find(cx, tx, arn).await?.1.tags),
        }
    }

    /// # Errors
    /// As [`Self::read`].
    pub(crate) async fn write(&self, cx: &Ctx, tx: &mut Tx, tags: Tags) -> Result<(), AwsError> {
        match self {
            Self::Function(target) => {
                let mut row = table::function(tx, target).await?;
                row.tags = tags;
                tx.put_row(&FunctionKey(&target.id), &row)?;
            }
            Self::Signing(arn) => {
                let (id, mut row) = signing::find(cx, tx, arn).await?;
                row.tags = tags;
                tx.put_row(&SigningKey(&cx.account, &cx.region, id), &row)?;
            }
        }
        Ok(())
    }
}

fn function(cx: &Ctx, resource: &str) -> Result<Target, AwsError> {
    let target = Target::parse(cx, resource, None)?;
    if target.qualifier.is_some() {
        let text = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
        return Err(invalid_parameter(text));
    }
    Ok(target)
}
