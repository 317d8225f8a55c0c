//! Typed reads and writes.

use updraft_kernel::{AwsError, Ctx};
use updraft_store::{KeyRange, ScanOptions, Tx};

use crate::errors::no_api;
use crate::keys::{ApiRef, Child, ChildKey, IndexKey, Located, apis, children};
use crate::model::{ApiRow, DeploymentRow, IntegrationRow, RouteRow, Snapshot, StageRow, new_id};

/// # Errors
/// If there is no such API.
pub(crate) async fn api(tx: &mut Tx, api: ApiRef<'_>) -> Result<ApiRow, AwsError> {
    tx.row(&api).await?.ok_or_else(|| no_api(api.account, api.id))
}

pub(crate) async fn all_apis(tx: &mut Tx, cx: &Ctx) -> Result<Vec<ApiRow>, AwsError> {
    scan::<ApiRef<'_>>(tx, apis(cx)).await
}

/// # Errors
/// If there is none of that id in the API.
pub(crate) async fn find<R: Child>(tx: &mut Tx, api: ApiRef<'_>, id: &str) -> Result<R, AwsError> {
    tx.row(&ChildKey::<R>::new(api, id)).await?.ok_or_else(|| R::not_found(id))
}

/// All of one kind, sorted by id.
pub(crate) async fn all<R: Child>(tx: &mut Tx, api: ApiRef<'_>) -> Result<Vec<R>, AwsError> {
    scan::<ChildKey<'_, R>>(tx, children::<R>(api)).await
}

async fn scan<K: updraft_store::Key>(tx: &mut Tx, mut range: KeyRange) -> Result<Vec<K::Row>, AwsError> {
    let mut all = Vec::new();
    loop {
        let page = tx.rows::<K>(range.clone(), ScanOptions::default()).await?;
        let resume = page.resume().cloned();
        all.extend(page.rows.into_iter().map(|(_, row)| row));
        match resume {
            Some(last) => range = range.after(&last),
            None => return Ok(all),
        }
    }
}

pub(crate) fn put<R: Child>(tx: &mut Tx, api: ApiRef<'_>, row: &R) -> Result<(), AwsError> {
    Ok(tx.put_row(&ChildKey::<R>::new(api, row.id()), row)?)
}

pub(crate) fn remove<R: Child>(tx: &mut Tx, api: ApiRef<'_>, id: &str) {
    tx.delete_row(&ChildKey::<R>::new(api, id));
}

/// Removes an API and everything in it.
pub(crate) fn remove_api(tx: &mut Tx, api: ApiRef<'_>) {
    tx.delete_row(&api);
    tx.delete_row(&IndexKey(api.id));
    for range in [
        children::<RouteRow>(api),
        children::<IntegrationRow>(api),
        children::<StageRow>(api),
        children::<DeploymentRow>(api),
        children::<Snapshot>(api),
    ] {
        tx.raw().delete_range(range);
    }
}

/// To be called by whatever changes an API or anything in it, before the commit: requests see the change from then on,
/// and stages with automatic deployments get their new deployment.
pub(crate) async fn changed(tx: &mut Tx, cx: &Ctx, api: ApiRef<'_>) -> Result<(), AwsError> {
    touched(tx, api).await?;
    for stage in all::<StageRow>(tx, api).await? {
        if stage.auto_deploy {
            auto_deploy(tx, cx, api, stage)?;
        }
    }
    Ok(())
}

/// As [`changed`], for changes that concern no deployment.
pub(crate) async fn touched(tx: &mut Tx, api: ApiRef<'_>) -> Result<(), AwsError> {
    let index = IndexKey(api.id);
    let version = tx.row(&index).await?.map_or(0, |located| located.version);
    let (account, region) = (api.account.clone(), api.region.clone());
    Ok(tx.put_row(&index, &Located { account, region, version: version.saturating_add(1) })?)
}

/// Gives the stage a new automatic deployment in place of its last one. Such a stage serves the API as it is, so the
/// deployment is only a name.
pub(crate) fn auto_deploy(tx: &mut Tx, cx: &Ctx, api: ApiRef<'_>, stage: StageRow) -> Result<StageRow, AwsError> {
    if let Some(last) = &stage.deployment_id {
        // AWS keeps a history of automatic deployments; here only the last one of a stage is kept.
        remove::<DeploymentRow>(tx, api, last);
        remove::<Snapshot>(tx, api, last);
    }
    let deployment_id = new_id(&*cx.rng, 6);
    let message = format!("Successfully deployed stage with deployment ID '{deployment_id}'");
    let description = Some("Automatic deployment triggered by changes to the Api configuration".to_owned());
    let row = DeploymentRow { deployment_id, description, created: cx.now(), auto_deployed: true };
    put(tx, api, &row)?;
    let stage = StageRow {
        deployment_id: Some(row.deployment_id),
        last_deployment_status_message: Some(message),
        updated: cx.now(),
        ..stage
    };
    put(tx, api, &stage)?;
    Ok(stage)
}

/// Keeps the API as it is for a deployment.
pub(crate) async fn snapshot(tx: &mut Tx, api: ApiRef<'_>, deployment_id: &str) -> Result<(), AwsError> {
    let routes = all(tx, api).await?;
    let integrations = all(tx, api).await?;
    put(tx, api, &Snapshot { deployment_id: deployment_id.to_owned(), routes, integrations })
}
