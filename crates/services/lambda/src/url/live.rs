//! What a URL's id leads to.

use updraft_kernel::{AccountId, AwsError, Region};
use updraft_store::{StoreExt, Tx};

use crate::Lambda;
use crate::keys::{UrlIdKey, UrlKey};
use crate::model::name::{FunctionId, Target};
use crate::model::url::UrlRow;
use crate::policies::{self, Policy};

/// A URL, ready for requests.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) target: Target,
    pub(super) row: UrlRow,
    /// What the policy of the function or alias says.
    pub(super) policy: Policy,
}

/// `None`: there is no such URL.
pub(super) async fn find(svc: &Lambda, id: &str) -> Result<Option<Live>, AwsError> {
    let mut tx = svc.store.read().await?;
    let Some(target) = named(&mut tx, id).await? else { return Ok(None) };
    let Some(row) = tx.row(&UrlKey(&target.id, target.qualifier.as_deref())).await?.filter(|row| row.id == id) else {
        return Ok(None);
    };
    let policy = match svc.settings.enforce_resource_policy {
        true => policies::read(&mut tx, &target).await?.unwrap_or_default(),
        false => Policy::default(),
    };
    Ok(Some(Live { target, row, policy }))
}

async fn named(tx: &mut Tx, id: &str) -> Result<Option<Target>, AwsError> {
    let Some(found) = tx.row(&UrlIdKey(id)).await? else { return Ok(None) };
    let account = AccountId::parse(&found.account).map_err(AwsError::internal)?;
    let region = Region::parse(&found.region).map_err(AwsError::internal)?;
    let id = FunctionId { account, region, name: found.name };
    Ok(Some(Target { id, qualifier: found.qualifier }))
}
