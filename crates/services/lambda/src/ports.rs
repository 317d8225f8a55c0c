//! What this service offers to others.

use bytes::Bytes;
use updraft_kernel::ports::{DownloadsPort, FunctionPort, InvokeOutcome, InvokeRequest};
use updraft_kernel::{AwsError, BoxFuture, Ctx, RngExt};

use crate::Lambda;
use crate::call::Call;
use crate::errors::not_found;
use crate::model::name::Target;

impl FunctionPort for Lambda {
    fn invoke<'a>(&'a self, cx: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>> {
        Box::pin(async move {
            let missing = || not_found(format!("Function not found: {}", request.function));
            let target = Target::of_arn(&request.function).ok_or_else(missing)?;
            let call = Call {
                target,
                kind: request.kind,
                payload: request.payload,
                client_context: request.client_context,
                tail: request.tail,
                // A service may call several functions for one request, so each call has its own id.
                request_id: cx.rng.uuid(),
                source: request.source,
                caller: cx.account.clone(),
            };
            self.call(call).await
        })
    }
}

impl DownloadsPort for Lambda {
    fn code<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, AwsError>> {
        Box::pin(self.code_blob(id))
    }
}
