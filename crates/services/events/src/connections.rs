//! What operations on connections and API destinations share.

use serde_json::Value;
use updraft_api_events::types::{ApiDestinationState, ConnectivityResourceParameters};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::Tx;

use crate::EventBridge;
use crate::errors::{no_such, validation};
use crate::keys::{ConnectionKey, DestinationKey, Scope};
use crate::model::connection::{ApiDestination, Connection};

pub(crate) fn arn(cx: &Ctx, name: &str, row: &Connection) -> String {
    cx.arn("events", format!("connection/{name}/{}", row.id)).to_string()
}

pub(crate) fn destination_arn(cx: &Ctx, name: &str, row: &ApiDestination) -> String {
    cx.arn("events", format!("api-destination/{name}/{}", row.id)).to_string()
}

/// # Errors
/// If there is no such connection.
pub(crate) async fn connection(tx: &mut Tx, cx: &Ctx, name: &str) -> Result<Connection, AwsError> {
    let gone = || no_such(format_args!("Connection '{name}'"));
    tx.row(&ConnectionKey(Scope::of(cx), name)).await?.ok_or_else(gone)
}

/// # Errors
/// If there is no such API destination.
pub(crate) async fn destination(tx: &mut Tx, cx: &Ctx, name: &str) -> Result<ApiDestination, AwsError> {
    let gone = || no_such(format_args!("Api-destination '{name}'"));
    tx.row(&DestinationKey(Scope::of(cx), name)).await?.ok_or_else(gone)
}

/// # Errors
/// If there is no connection of that ARN.
pub(crate) async fn check_connection(tx: &mut Tx, cx: &Ctx, given: &str) -> Result<(), AwsError> {
    let name = given.rsplit('/').nth(1).unwrap_or_default();
    let row = connection(tx, cx, name).await?;
    if arn(cx, name, &row) == given { Ok(()) } else { Err(no_such(format_args!("Connection '{name}'"))) }
}

/// Keeps what a connection calls with; the name it is kept by.
///
/// # Errors
/// If it can't be kept.
pub(crate) async fn keep(svc: &EventBridge, cx: &Ctx, id: &str, kept: &Value) -> Result<String, AwsError> {
    let name = format!("events/connection/{id}/{}", cx.rng.uuid());
    svc.parts.secrets.keep(&name, kept.to_string().into_bytes()).await?;
    Ok(name)
}

/// What a connection called with isn't asked for any more: nothing names it. If this process ends before it is forgotten,
/// it stays, and is of no use.
pub(crate) async fn forget(svc: &EventBridge, kept: Option<String>) {
    let Some(name) = kept else { return };
    if let Err(error) = svc.parts.secrets.forget(&name).await {
        tracing::warn!(%error, "what a connection called with was not forgotten");
    }
}

/// # Errors
/// If it is to be reached by a network that isn't the public one.
pub(crate) fn check_public(ways: [Option<&ConnectivityResourceParameters>; 2]) -> Result<(), AwsError> {
    if ways.into_iter().flatten().next().is_some() {
        return Err(validation("Connections to private APIs (ConnectivityParameters) are not built in updraft."));
    }
    Ok(())
}

/// Whether what calls by it may do so.
///
/// # Errors
/// If the store can't say.
pub(crate) async fn state(tx: &mut Tx, cx: &Ctx, row: &ApiDestination) -> Result<ApiDestinationState, AwsError> {
    let name = row.connection.rsplit('/').nth(1).unwrap_or_default();
    let connection = tx.row(&ConnectionKey(Scope::of(cx), name)).await?;
    // AWS: a destination whose connection is gone, or isn't authorized, calls nobody.
    let calls = connection.is_some_and(|one| row.connection.ends_with(&one.id) && one.secret.is_some());
    Ok(if calls { ApiDestinationState::Active } else { ApiDestinationState::Inactive })
}
