//! From the stored rows to the wire's shapes. Each resource is answered in four shapes of the same members: by creating,
//! getting, updating and listing it.

use updraft_api_apigatewayv2::types::{
    Api, Cors, CreateApiOutput, CreateDeploymentOutput, CreateIntegrationOutput, CreateRouteOutput, CreateStageOutput,
    Deployment, GetApiOutput, GetDeploymentOutput, GetIntegrationOutput, GetRouteOutput, GetStageOutput, Integration,
    Route, Stage, UpdateApiOutput, UpdateIntegrationOutput, UpdateRouteOutput, UpdateStageOutput,
};
use updraft_api_apigatewayv2::types::{
    AuthorizationType, ConnectionType, DeploymentStatus, IntegrationType, IpAddressType, ProtocolType,
};
use updraft_kernel::Ctx;

use crate::model::{
    ApiRow, CorsRow, DeploymentRow, IntegrationRow, RouteRow, StageRow, api_endpoint, restore_limits, restore_logs,
};

/// Implements `From<$row>` for each `$shape`, where the members are the same.
macro_rules! same_members {
    ($row:ident: $from:ty => [$($shape:ident),+] $members:tt) => {
        $(same_members! { @one $row: $from => $shape $members })+
    };
    (@one $row:ident: $from:ty => $shape:ident { $($member:ident: $value:expr,)* }) => {
        impl From<$from> for $shape {
            #[allow(clippy::useless_conversion, reason = "a member is optional in some of the shapes only")]
            fn from($row: $from) -> Self {
                Self { $($member: $value.into(),)* ..Self::default() }
            }
        }
    };
}

/// An API and the URL that clients reach it under.
pub(crate) struct Reachable {
    row: ApiRow,
    endpoint: String,
}

impl Reachable {
    pub(crate) fn new(cx: &Ctx, row: ApiRow) -> Self {
        Self { endpoint: api_endpoint(&cx.endpoint, &row.api_id), row }
    }
}

same_members! { api: Reachable => [Api, CreateApiOutput, GetApiOutput, UpdateApiOutput] {
    api_endpoint: api.endpoint,
    api_id: api.row.api_id,
    api_key_selection_expression: api.row.api_key_selection_expression,
    cors_configuration: api.row.cors.map(Cors::from),
    created_date: api.row.created,
    description: api.row.description,
    disable_execute_api_endpoint: api.row.disable_execute_api_endpoint,
    ip_address_type: IpAddressType::from(api.row.ip_address_type),
    name: api.row.name,
    protocol_type: ProtocolType::Http,
    route_selection_expression: api.row.route_selection_expression,
    tags: api.row.tags,
    version: api.row.version,
}}

same_members! { route: RouteRow => [Route, CreateRouteOutput, GetRouteOutput, UpdateRouteOutput] {
    api_gateway_managed: route.managed.then_some(true),
    api_key_required: false,
    authorization_type: AuthorizationType::None,
    operation_name: route.operation_name,
    route_id: route.route_id,
    route_key: route.route_key,
    target: route.target,
}}

same_members! { it: IntegrationRow => [Integration, CreateIntegrationOutput, GetIntegrationOutput, UpdateIntegrationOutput] {
    api_gateway_managed: it.managed.then_some(true),
    connection_type: ConnectionType::from(it.connection_type),
    credentials_arn: it.credentials_arn,
    description: it.description,
    integration_id: it.integration_id,
    integration_method: it.integration_method,
    integration_subtype: it.service.as_ref().map(|service| service.subtype.clone()),
    integration_type: IntegrationType::from(it.integration_type),
    integration_uri: Some(it.integration_uri).filter(|uri| !uri.is_empty()),
    payload_format_version: it.payload_format_version,
    request_parameters: it.service.map(|service| service.parameters),
    timeout_in_millis: i32::try_from(it.timeout_in_millis).ok(),
}}

same_members! { stage: StageRow => [Stage, CreateStageOutput, GetStageOutput, UpdateStageOutput] {
    access_log_settings: stage.logs.map(restore_logs),
    api_gateway_managed: stage.managed.then_some(true),
    auto_deploy: stage.auto_deploy.then_some(true),
    created_date: stage.created,
    default_route_settings: restore_limits(stage.default_limits),
    deployment_id: stage.deployment_id,
    description: stage.description,
    last_deployment_status_message: stage.last_deployment_status_message,
    last_updated_date: stage.updated,
    route_settings: stage.limits.into_iter().map(|(k, v)| (k, restore_limits(v))).collect::<std::collections::BTreeMap<_, _>>(),
    stage_name: stage.stage_name,
    stage_variables: stage.stage_variables,
    tags: stage.tags,
}}

same_members! { it: DeploymentRow => [Deployment, CreateDeploymentOutput, GetDeploymentOutput] {
    auto_deployed: it.auto_deployed,
    created_date: it.created,
    deployment_id: it.deployment_id,
    deployment_status: DeploymentStatus::Deployed,
    description: it.description,
}}

impl From<CorsRow> for Cors {
    fn from(row: CorsRow) -> Self {
        let CorsRow { allow_credentials, allow_headers, allow_methods, allow_origins, expose_headers, max_age } = row;
        Self { allow_credentials, allow_headers, allow_methods, allow_origins, expose_headers, max_age }
    }
}

impl From<Cors> for CorsRow {
    fn from(cors: Cors) -> Self {
        let Cors { allow_credentials, allow_headers, allow_methods, allow_origins, expose_headers, max_age } = cors;
        Self { allow_credentials, allow_headers, allow_methods, allow_origins, expose_headers, max_age }
    }
}
