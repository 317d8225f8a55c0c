//! What has tags: functions, event source mappings and code signing configurations.

use std::collections::BTreeMap;

use updraft_kernel::{Arn, AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::{invalid_parameter, not_found, unsupported};
use crate::keys::{FunctionKey, MappingKey, MappingRow, SigningKey};
use crate::model::name::Target;
use crate::{signing, table, view};

/// One resource, named by its ARN, which the tables have checked.
#[derive(Debug)]
pub(crate) enum Tagged {
    Function(Target),
    /// The UUID of an event source mapping.
    Mapping(String),
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
            Some("event-source-mapping") => mapping(cx, &arn).map(Self::Mapping),
            _ => Err(unsupported("Tags of anything but functions, event source mappings and code signing are")),
        }
    }

    /// # Errors
    /// In AWS's words, if there is no such resource.
    pub(crate) async fn read(&self, cx: &Ctx, tx: &mut Tx) -> Result<Tags, AwsError> {
        match self {
            Self::Function(target) => Ok(table::function(tx, target).await?.tags),
            Self::Mapping(uuid) => Ok(mapped(cx, tx, uuid).await?.tags),
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
            Self::Mapping(uuid) => {
                let mut row = mapped(cx, tx, uuid).await?;
                row.tags = tags;
                tx.put_row(&MappingKey(&cx.account, &cx.region, uuid), &row)?;
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

fn mapping(cx: &Ctx, arn: &Arn) -> Result<String, AwsError> {
    let here = arn.account == cx.account.as_str() && arn.region == cx.region.as_str();
    let uuid = arn.resource.rsplit(':').next().filter(|_| here);
    uuid.map(str::to_owned).ok_or_else(|| no_mapping(&arn.to_string()))
}

async fn mapped(cx: &Ctx, tx: &mut Tx, uuid: &str) -> Result<MappingRow, AwsError> {
    let row = tx.row(&MappingKey(&cx.account, &cx.region, uuid)).await?;
    row.ok_or_else(|| no_mapping(&view::mappings::arn(cx, uuid)))
}

fn no_mapping(arn: &str) -> AwsError {
    not_found(format!("Event source mapping not found: {arn}"))
}

fn function(cx: &Ctx, resource: &str) -> Result<Target, AwsError> {
    let target = Target::parse(cx, resource, None)?;
    if target.qualifier.is_some() {
        let text = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
        return Err(invalid_parameter(text));
    }
    Ok(target)
}
