//! The services that nobody has built yet: known by name, decoded, and refused in their own protocol.

use std::sync::Arc;

use updraft_kernel::{AwsError, BoxFuture, Ctx};
use updraft_wire::service::refused;
use updraft_wire::{Operation, Service, ServiceModel, Value};

#[derive(Debug)]
struct Unbuilt(&'static ServiceModel);

impl Service for Unbuilt {
    fn model(&self) -> &'static ServiceModel {
        self.0
    }

    fn call<'a>(&'a self, _: &'a Ctx, op: &'static Operation, _: Value) -> BoxFuture<'a, Result<Value, AwsError>> {
        refused(self.0, op)
    }
}

/// In place of the services; a service that is built takes its model out of this list.
pub(crate) fn services() -> Vec<Arc<dyn Service>> {
    let models: [&'static ServiceModel; 6] = [
        &updraft_api_apigateway::MODEL,
        &updraft_api_cloudformation::MODEL,
        &updraft_api_iam::MODEL,
        &updraft_api_kms::MODEL,
        &updraft_api_secretsmanager::MODEL,
        &updraft_api_ssm::MODEL,
    ];
    models.into_iter().map(|model| Arc::new(Unbuilt(model)) as Arc<dyn Service>).collect()
}
