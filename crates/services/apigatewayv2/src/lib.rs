//! API Gateway's HTTP APIs: their configuration, and the requests to them.
//!
//! It must never know how a request came in, nor what a function is beyond its ARN. Start reading at [`ApiGatewayV2`]
//! for the operations, and at [`HttpApis`] for the requests.

mod errors;
#[doc(hidden)]
pub mod fuzz;
mod invoke;
mod keys;
mod model;
mod ops;
mod table;

use std::sync::Arc;

use updraft_api_apigatewayv2::{ApiGatewayV2 as Operations, types};
use updraft_kernel::{AwsError, BoxFuture, Ctx};
use updraft_store::Store;

pub use invoke::HttpApis;

/// The operations.
#[derive(Clone, Debug)]
pub struct ApiGatewayV2 {
    store: Arc<dyn Store>,
}

impl ApiGatewayV2 {
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }
}

type Answer<'a, T> = BoxFuture<'a, Result<T, AwsError>>;

/// Each operation is one file of `ops`.
macro_rules! operations {
    ($($name:ident: $input:ident => $output:ident,)*) => {
        impl Operations for ApiGatewayV2 {
            $(fn $name<'a>(&'a self, cx: &'a Ctx, input: types::$input) -> Answer<'a, types::$output> {
                Box::pin(ops::$name(self, cx, input))
            })*
        }
    };
}

operations! {
    create_api: CreateApiInput => CreateApiOutput,
    create_deployment: CreateDeploymentInput => CreateDeploymentOutput,
    create_integration: CreateIntegrationInput => CreateIntegrationOutput,
    create_route: CreateRouteInput => CreateRouteOutput,
    create_stage: CreateStageInput => CreateStageOutput,
    delete_api: DeleteApiInput => DeleteApiOutput,
    delete_cors_configuration: DeleteCorsConfigurationInput => DeleteCorsConfigurationOutput,
    delete_deployment: DeleteDeploymentInput => DeleteDeploymentOutput,
    delete_integration: DeleteIntegrationInput => DeleteIntegrationOutput,
    delete_route: DeleteRouteInput => DeleteRouteOutput,
    delete_stage: DeleteStageInput => DeleteStageOutput,
    get_api: GetApiInput => GetApiOutput,
    get_apis: GetApisInput => GetApisOutput,
    get_deployment: GetDeploymentInput => GetDeploymentOutput,
    get_deployments: GetDeploymentsInput => GetDeploymentsOutput,
    get_integration: GetIntegrationInput => GetIntegrationOutput,
    get_integrations: GetIntegrationsInput => GetIntegrationsOutput,
    get_route: GetRouteInput => GetRouteOutput,
    get_routes: GetRoutesInput => GetRoutesOutput,
    get_stage: GetStageInput => GetStageOutput,
    get_stages: GetStagesInput => GetStagesOutput,
    get_tags: GetTagsInput => GetTagsOutput,
    tag_resource: TagResourceInput => TagResourceOutput,
    untag_resource: UntagResourceInput => UntagResourceOutput,
    update_api: UpdateApiInput => UpdateApiOutput,
    update_integration: UpdateIntegrationInput => UpdateIntegrationOutput,
    update_route: UpdateRouteInput => UpdateRouteOutput,
    update_stage: UpdateStageInput => UpdateStageOutput,
}
