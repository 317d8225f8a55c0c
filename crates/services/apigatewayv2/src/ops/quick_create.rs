//! Quick create: an API with one integration, one route and the default stage, made at once from a target.

use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::bad_request;
use crate::keys::ApiRef;
use crate::model::{DEFAULT, Draft, IntegrationRow, Limits, RouteRow, StageRow, check_against, new_id};
use crate::table;

/// What quick create is asked for.
pub(super) struct Quick<'a> {
    pub(super) target: &'a str,
    /// `None`: everything.
    pub(super) route_key: Option<&'a str>,
    pub(super) credentials_arn: Option<&'a str>,
}

pub(super) async fn quick_create(tx: &mut Tx, cx: &Ctx, api: ApiRef<'_>, asked: Quick<'_>) -> Result<(), AwsError> {
    let route_key = asked.route_key.unwrap_or(DEFAULT);
    check_against(route_key, [])?;
    let integration = Draft {
        payload_format_version: Some("2.0".to_owned()),
        credentials_arn: asked.credentials_arn.map(str::to_owned),
        ..target_draft(asked.target)
    };
    let integration = IntegrationRow { managed: true, ..integration.create(new_id(&*cx.rng, 7))? };
    table::put(tx, api, &integration)?;
    let route = RouteRow {
        route_id: new_id(&*cx.rng, 7),
        route_key: route_key.to_owned(),
        target: Some(format!("integrations/{}", integration.integration_id)),
        operation_name: None,
        managed: true,
    };
    table::put(tx, api, &route)?;
    table::auto_deploy(tx, cx, api, default_stage(cx)).map(drop)
}

/// Whom and under which key a quickly created API serves, changed.
pub(super) async fn quick_update(
    tx: &mut Tx,
    api: ApiRef<'_>,
    target: Option<String>,
    route_key: Option<String>,
) -> Result<(), AwsError> {
    let not_quick = || bad_request("Target and RouteKey are only supported for APIs made by quick create");
    if let Some(target) = target {
        let all: Vec<IntegrationRow> = table::all(tx, api).await?;
        let managed = all.into_iter().find(|one| one.managed).ok_or_else(not_quick)?;
        table::put(tx, api, &target_draft(&target).apply(managed)?)?;
    }
    if let Some(route_key) = route_key {
        let mut all: Vec<RouteRow> = table::all(tx, api).await?;
        let at = all.iter().position(|route| route.managed).ok_or_else(not_quick)?;
        let managed = all.swap_remove(at);
        check_against(&route_key, &all)?;
        table::put(tx, api, &RouteRow { route_key, ..managed })?;
    }
    Ok(())
}

fn target_draft(target: &str) -> Draft {
    let is_url = target.starts_with("http://") || target.starts_with("https://");
    let integration_type = if is_url { "HTTP_PROXY" } else { "AWS_PROXY" };
    Draft {
        integration_type: Some(integration_type.to_owned()),
        integration_uri: Some(target.to_owned()),
        ..Draft::default()
    }
}

fn default_stage(cx: &Ctx) -> StageRow {
    StageRow {
        stage_name: DEFAULT.to_owned(),
        auto_deploy: true,
        deployment_id: None,
        description: None,
        stage_variables: Default::default(),
        default_limits: Limits::default(),
        limits: Default::default(),
        logs: None,
        created: cx.now(),
        updated: cx.now(),
        last_deployment_status_message: None,
        tags: Default::default(),
        managed: true,
    }
}
