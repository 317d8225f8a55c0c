//! What this service offers to others.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use updraft_kernel::ports::{
    DebugPort, DebugRefusal, DebugRequest, Debugging, DownloadsPort, EventTargetPort, FunctionPort, InvocationType,
    InvokeOutcome, InvokeRequest, RunnerRefusal, Sender, TargetEvent,
};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::call::Call;
use crate::errors::not_found;
use crate::model::name::{FunctionId, Target};
use crate::{Lambda, permit, table};

impl FunctionPort for Lambda {
    fn invoke<'a>(&'a self, cx: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>> {
        Box::pin(async move {
            let missing = || not_found(format!("Function not found: {}", request.function));
            let target = Target::of_arn(&request.function).ok_or_else(missing)?;
            let request_id = match request.kind {
                // Sent again after a crash, it is the same call.
                InvocationType::Event => cx.request_id.as_str().to_owned(),
                // A service may call several functions for one request, so each call has its own id.
                InvocationType::RequestResponse | InvocationType::DryRun => cx.rng.uuid(),
            };
            let call = Call {
                target,
                kind: request.kind,
                payload: request.payload,
                client_context: request.client_context,
                tail: request.tail,
                trace: cx.trace.as_deref().map(str::to_owned),
                request_id,
                source: request.source,
                caller: cx.account.clone(),
                execution_name: None,
            };
            self.call(call).await
        })
    }
}

/// Functions, as what events can be sent to: each is an asynchronous invocation. Knows the service weakly, for the
/// service knows whoever events can be sent to.
#[derive(Debug)]
struct Functions(Weak<Lambda>);

impl Lambda {
    /// For events that other parts of the platform, and functions' destinations, send to functions.
    #[must_use]
    pub fn event_target(self: &Arc<Self>) -> Arc<dyn EventTargetPort> {
        Arc::new(Functions(Arc::downgrade(self)))
    }

    async fn is_there(&self, target: &Target) -> Result<bool, AwsError> {
        match table::find(&mut self.store.read().await?, target).await {
            Ok(_) => Ok(true),
            Err(error) if error.code().status == 404 => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl EventTargetPort for Functions {
    fn exists<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let (Some(service), Some(target)) = (self.0.upgrade(), Target::of_arn(target)) else { return Ok(false) };
            service.is_there(&target).await
        })
    }

    fn admits<'a>(&'a self, sender: &'a Sender, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let (Some(service), Some(target)) = (self.0.upgrade(), Target::of_arn(target)) else { return Ok(false) };
            let Some(account) = sender.account() else { return Ok(false) };
            let there = service.is_there(&target).await?;
            if !there || !sender.is_service() {
                return Ok(there);
            }
            let source = (sender.service, sender.source.clone());
            let mut tx = service.store.read().await?;
            match permit::check(&mut tx, &target, (&source, &account), service.settings.enforce_resource_policy).await {
                Ok(()) => Ok(true),
                Err(error) if error.code().status == 403 => Ok(false),
                Err(error) => Err(error),
            }
        })
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            let service = self.0.upgrade().ok_or_else(|| AwsError::unavailable("the platform is stopping"))?;
            let missing = || not_found(format!("Function not found: {}", event.target));
            let target = Target::of_arn(&event.target).ok_or_else(missing)?;
            // As a role it is a matter of the role's own policies.
            let Sender { service: name, source, .. } = &event.sender;
            let source = event.sender.is_service().then(|| (*name, source.clone()));
            let call = Call {
                caller: event.sender.account().unwrap_or_else(|| target.id.account.clone()),
                target,
                kind: InvocationType::Event,
                payload: event.body,
                client_context: None,
                tail: false,
                trace: event.trace,
                // Sent again after a crash, it is the same call.
                request_id: event.id,
                source,
                execution_name: None,
            };
            service.call(call).await.map(drop)
        })
    }
}

impl DebugPort for Lambda {
    fn debug(&self, request: DebugRequest) -> BoxFuture<'_, Result<Debugging, DebugRefusal>> {
        Box::pin(async move {
            let DebugRequest { account, region, name, how } = request;
            let target = Target { id: FunctionId { account, region, name }, qualifier: None };
            let prepared = self.prepare(&mut self.store.read().await.map_err(AwsError::from)?, &target).await?;
            let opened = self.runner.debug(&prepared.spec, how).await;
            opened.map_err(|refusal: RunnerRefusal| DebugRefusal::Refused(refusal.to_string()))
        })
    }
}

impl DownloadsPort for Lambda {
    fn code<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, AwsError>> {
        Box::pin(self.code_blob(id))
    }
}
