//! What has tags: APIs and stages, named by their ARNs.

use std::collections::BTreeMap;

use updraft_kernel::{Arn, AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::{bad_request, not_found};
use crate::keys::ApiRef;
use crate::model::StageRow;
use crate::table;

type Tags = BTreeMap<String, String>;

const MAX_TAGS: usize = 50;

/// `arn:aws:apigateway:region::/apis/{id}` or `…/apis/{id}/stages/{name}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tagged {
    pub(super) api_id: String,
    stage: Option<String>,
}

impl Tagged {
    /// # Errors
    /// If it names nothing that has tags here.
    pub(super) fn parse(cx: &Ctx, raw: &str) -> Result<Self, AwsError> {
        let arn = Arn::parse(raw).ok().filter(|arn| arn.service == "apigateway");
        let arn = arn.ok_or_else(|| bad_request("Invalid ARN specified in the request"))?;
        if arn.region != cx.region.as_str() {
            return Err(not_found("Invalid resource identifier specified"));
        }
        let parts: Vec<_> = arn.resource.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            ["apis", api] => Ok(Self { api_id: (*api).to_owned(), stage: None }),
            ["apis", api, "stages", stage] => Ok(Self { api_id: (*api).to_owned(), stage: Some((*stage).to_owned()) }),
            _ => Err(not_found("Invalid resource identifier specified")),
        }
    }

    pub(super) async fn read(&self, tx: &mut Tx, cx: &Ctx) -> Result<Tags, AwsError> {
        let api = ApiRef::of(cx, &self.api_id);
        let row = table::api(tx, api).await?;
        match &self.stage {
            None => Ok(row.tags),
            Some(stage) => Ok(table::find::<StageRow>(tx, api, stage).await?.tags),
        }
    }

    /// Reads the tags, changes them and writes them.
    pub(super) async fn change(&self, tx: &mut Tx, cx: &Ctx, by: impl FnOnce(&mut Tags)) -> Result<(), AwsError> {
        let api = ApiRef::of(cx, &self.api_id);
        let mut row = table::api(tx, api).await?;
        match &self.stage {
            None => {
                change(&mut row.tags, by)?;
                Ok(tx.put_row(&api, &row)?)
            }
            Some(stage) => {
                let mut stage = table::find::<StageRow>(tx, api, stage).await?;
                change(&mut stage.tags, by)?;
                table::put(tx, api, &stage)
            }
        }
    }
}

fn change(tags: &mut Tags, by: impl FnOnce(&mut Tags)) -> Result<(), AwsError> {
    by(tags);
    if tags.len() > MAX_TAGS {
        return Err(bad_request("The number of tags on a resource must not be more than 50"));
    }
    Ok(())
}
