//! The service behind its guard, and who comes to it.

use std::sync::Arc;

use updraft_kernel::{AwsError, Ctx, Identity, Principal};
use updraft_wire::{IntoValue, Service, Value};

use crate::support::{Cloud, words};

/// Another account than the owner's.
pub(crate) const OTHER: &str = "222222222222";
pub(crate) const DENIED: &str = "AccessDenied: Access Denied";

pub(crate) struct Guarded {
    pub(crate) cloud: Cloud,
    service: Arc<dyn Service>,
}

impl Guarded {
    pub(crate) fn over(cloud: Cloud) -> Self {
        let service = updraft_s3::guarded(Arc::clone(&cloud.s3));
        Self { cloud, service }
    }

    pub(crate) fn owner(&self) -> Ctx {
        self.cloud.cx()
    }

    pub(crate) fn other(&self) -> Ctx {
        self.cloud.cx_of(OTHER)
    }

    pub(crate) fn nobody(&self) -> Ctx {
        let cx = self.cloud.cx();
        let identity = Identity { principal: Principal::Anonymous, ..(*cx.identity).clone() };
        Ctx { identity: Arc::new(identity), ..cx }
    }

    pub(crate) async fn call(&self, cx: &Ctx, operation: &str, input: impl IntoValue) -> Result<Value, AwsError> {
        let op = self.service.model().operation(operation).unwrap();
        self.service.call(cx, op, input.into_value()).await
    }

    pub(crate) async fn says(&self, cx: &Ctx, operation: &str, input: impl IntoValue) -> String {
        match self.call(cx, operation, input).await {
            Ok(_) => "fine".into(),
            Err(error) => words::<()>(Err(error)),
        }
    }
}
