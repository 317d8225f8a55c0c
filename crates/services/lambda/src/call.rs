//! Calling functions: what `Invoke`, other services and asynchronous deliveries share.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use updraft_delivery::Delivery;
use updraft_kernel::ports::{
    FunctionErrorKind, FunctionSpec, Invocation, InvocationType, InvokeOutcome, RunOutcome, RunnerRefusal, Streamed,
    Usage,
};
use updraft_kernel::{AccountId, AwsError};
use updraft_store::{StoreExt, Tx, encode_row};

use crate::Lambda;
use crate::background::{ASYNC_INVOCATIONS, AsyncCall, until_told};
use crate::durable::Called;
use crate::errors::{
    in_a_loop, invalid_content, invalid_parameter, invalid_runtime, invalid_zip, mount_failed, no_memory, service,
    throttled,
};
use crate::keys::RecursionKey;
use crate::measure::{Subject, count};
use crate::model::name::{FunctionId, Target};
use crate::model::payload::{ASYNC_LIMIT, SYNC_LIMIT, check_json, check_size};
use crate::model::trace::{LOOP, Passed, passed_on, rooted};
use crate::permit::{self, Source};
use crate::prepared::Prepared;

/// The metric of what was dropped because it was a loop.
pub(crate) const LOOPS: &str = "RecursiveInvocationsDropped";
const RESERVED_LIMIT: &str = "ReservedFunctionConcurrentInvocationLimitExceeded";
const ACCOUNT_LIMIT: &str = "ConcurrentInvocationLimitExceeded";

/// One call, however it came.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) target: Target,
    pub(crate) kind: InvocationType,
    pub(crate) payload: Bytes,
    /// Base 64 of JSON.
    pub(crate) client_context: Option<String>,
    pub(crate) tail: bool,
    /// The trace that the call belongs to.
    pub(crate) trace: Option<String>,
    pub(crate) request_id: String,
    pub(crate) source: Option<Source>,
    /// The account that is called from.
    pub(crate) caller: AccountId,
    /// `DurableExecutionName`.
    pub(crate) execution_name: Option<String>,
}

/// A call that may go on, and the version that takes it.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) prepared: Arc<Prepared>,
    /// Decoded.
    client_context: Option<String>,
    /// As the function gets it.
    trace: String,
}

impl Lambda {
    pub(crate) async fn call(&self, call: Call) -> Result<InvokeOutcome, AwsError> {
        Ok(self.called(call).await?.outcome)
    }

    /// With the execution that was started, if the function is durable.
    pub(crate) async fn called(&self, mut call: Call) -> Result<Called, AwsError> {
        if call.payload.is_empty() {
            // AWS: no payload is an empty object.
            call.payload = Bytes::from_static(b"{}");
        }
        call.trace = Some(self.rooted(call.trace.as_deref()));
        let admitted = self.admit(&call).await?;
        if admitted.prepared.durable.is_some() {
            return self.call_durable(call, &admitted.prepared).await;
        }
        if call.execution_name.is_some() {
            return Err(invalid_parameter("You cannot name a durable execution of a function that is not durable."));
        }
        let outcome = match call.kind {
            InvocationType::DryRun => empty(204, &admitted.prepared),
            InvocationType::Event => {
                self.enqueue(&call, &admitted.prepared).await?;
                empty(202, &admitted.prepared)
            }
            InvocationType::RequestResponse => self.run(call, admitted).await?,
        };
        Ok(Called { outcome, execution: None })
    }

    /// Everything that is checked before anything happens.
    pub(crate) async fn admit(&self, call: &Call) -> Result<Admitted, AwsError> {
        let (kind, limit) = match call.kind {
            InvocationType::Event => ("Event", ASYNC_LIMIT),
            _ => ("RequestResponse", SYNC_LIMIT),
        };
        check_size(call.payload.len(), kind, limit)?;
        let mut tx = self.store.read().await?;
        let prepared = self.prepare(&mut tx, &call.target).await?;
        if let Some(source) = &call.source {
            let strict = self.settings.enforce_resource_policy;
            permit::check(&mut tx, &call.target, (source, &call.caller), strict).await?;
        }
        check_json(&call.payload)?;
        let client_context = decoded_context(call.client_context.as_deref())?;
        let Passed { header, before } = passed_on(call.trace.as_deref().unwrap_or_default(), &prepared.mark);
        // An event is dropped later, when it is to be carried out.
        if call.kind == InvocationType::RequestResponse && self.is_loop(&mut tx, &call.target.id, before).await? {
            let subject = Subject::of(&prepared.spec, call.target.qualifier.as_deref(), self.clock.now());
            subject.tell(&*self.metrics, vec![count(LOOPS, 1.0)]);
            return Err(in_a_loop());
        }
        Ok(Admitted { prepared, client_context, trace: header })
    }

    /// The trace of a call: a new one, where it comes with none.
    fn rooted(&self, given: Option<&str>) -> String {
        rooted(given, self.clock.now(), &*self.rng)
    }

    /// Whether a chain that came by the function so often is to end.
    pub(crate) async fn is_loop(&self, tx: &mut Tx, id: &FunctionId, before: u32) -> Result<bool, AwsError> {
        Ok(before >= LOOP && tx.row(&RecursionKey(id)).await?.is_none())
    }

    /// Now, with an answer.
    async fn run(&self, call: Call, admitted: Admitted) -> Result<InvokeOutcome, AwsError> {
        let (prepared, qualifier) = (Arc::clone(&admitted.prepared), call.target.qualifier.clone());
        let subject = Subject::of(&prepared.spec, qualifier.as_deref(), self.clock.now());
        let invocation = invocation(call, admitted);
        let ran = self.start(&prepared, invocation).await;
        self.measured(subject, &ran);
        Ok(answer(ran.map_err(|refusal| refused(refusal, &prepared.spec))?, &prepared.spec))
    }

    /// As [`Self::call`] for an answer that is wanted as it comes: with the version that was called. `None` instead of
    /// an answer where only the asking was wanted.
    pub(crate) async fn stream(&self, mut call: Call) -> Result<(Option<Streamed>, String), AwsError> {
        if call.payload.is_empty() {
            call.payload = Bytes::from_static(b"{}");
        }
        call.trace = Some(self.rooted(call.trace.as_deref()));
        let admitted = self.admit(&call).await?;
        let prepared = Arc::clone(&admitted.prepared);
        let version = prepared.spec.version.clone();
        if prepared.durable.is_some() {
            // It is an execution that answers, and it does so at its end.
            let outcome = self.call_durable(call, &prepared).await?.outcome;
            return Ok(((outcome.status == 200).then(|| Streamed::whole(at_once(outcome))), version));
        }
        if call.kind == InvocationType::DryRun {
            return Ok((None, version));
        }
        let (qualifier, at) = (call.target.qualifier.clone(), self.clock.now());
        let invocation = invocation(call, admitted);
        let begun = if prepared.may_run() {
            self.runner.stream(&prepared.spec, invocation).await
        } else {
            Err(RunnerRefusal::Throttled(RESERVED_LIMIT))
        };
        let Streamed { content_type, pieces, ended } = begun.map_err(|refusal| {
            if refusal.is_throttle() {
                Subject::of(&prepared.spec, qualifier.as_deref(), at).throttled(&*self.metrics);
            }
            refused(refusal, &prepared.spec)
        })?;
        let metrics = Arc::clone(&self.metrics);
        let ended = Box::pin(async move {
            let outcome = ended.await;
            Subject::of(&prepared.spec, qualifier.as_deref(), at).ran(&*metrics, &outcome);
            outcome
        });
        Ok((Some(Streamed { content_type, pieces, ended }), version))
    }

    /// Tells the metrics what came of it.
    pub(crate) fn measured(&self, subject: Subject<'_>, ran: &Result<RunOutcome, RunnerRefusal>) {
        match ran {
            Ok(outcome) => subject.ran(&*self.metrics, outcome),
            Err(refusal) if refusal.is_throttle() => subject.throttled(&*self.metrics),
            // Nothing was called, so there is nothing to measure.
            Err(_) => {}
        }
    }

    /// Runs it, if it may run at all.
    pub(crate) async fn start(&self, prepared: &Prepared, call: Invocation) -> Result<RunOutcome, RunnerRefusal> {
        if prepared.may_run() {
            self.runner.run(&prepared.spec, call).await
        } else {
            Err(RunnerRefusal::Throttled(RESERVED_LIMIT))
        }
    }

    /// The call is safe when this returns; it is carried out later.
    async fn enqueue(&self, call: &Call, prepared: &Prepared) -> Result<(), AwsError> {
        let mut tx = self.store.write().await?;
        self.outbox.enqueue(&mut tx, delivery(call)?).await?;
        tx.commit().await?;
        let subject = Subject::of(&prepared.spec, call.target.qualifier.as_deref(), self.clock.now());
        subject.tell(&*self.metrics, vec![count("AsyncEventsReceived", 1.0)]);
        Ok(())
    }
}

/// What the function gets.
fn invocation(call: Call, admitted: Admitted) -> Invocation {
    Invocation {
        request_id: call.request_id,
        invoked_arn: admitted.prepared.invoked_arn(call.target.qualifier.as_deref()),
        payload: call.payload,
        client_context: admitted.client_context,
        trace_header: Some(admitted.trace),
        tail: call.tail,
    }
}

fn answer(outcome: RunOutcome, spec: &FunctionSpec) -> InvokeOutcome {
    InvokeOutcome {
        status: 200,
        payload: outcome.payload,
        function_error: outcome.error.map(error_name),
        log_tail: outcome.log_tail,
        executed_version: spec.version.clone(),
    }
}

/// What a call came to that wasn't streamed.
fn at_once(outcome: InvokeOutcome) -> RunOutcome {
    let InvokeOutcome { payload, function_error, log_tail, .. } = outcome;
    let error = function_error.map(|name| match name {
        "Handled" => FunctionErrorKind::Handled,
        _ => FunctionErrorKind::Unhandled,
    });
    RunOutcome { payload, error, log_tail, cold_start: false, usage: Usage::default() }
}

/// As AWS calls it.
pub(crate) fn error_name(kind: FunctionErrorKind) -> &'static str {
    match kind {
        FunctionErrorKind::Handled => "Handled",
        FunctionErrorKind::Unhandled => "Unhandled",
    }
}

fn delivery(call: &Call) -> Result<Delivery, AwsError> {
    Ok(Delivery {
        id: call.request_id.clone(),
        kind: ASYNC_INVOCATIONS.to_owned(),
        target: call.target.arn().to_string(),
        ordering_key: None,
        payload: encode_row(&AsyncCall::new(call))?.to_vec(),
        policy: until_told(),
        dead_letter: None,
        failure: None,
        dedup_for: None,
    })
}

pub(crate) fn empty(status: u16, prepared: &Prepared) -> InvokeOutcome {
    let executed_version = prepared.spec.version.clone();
    InvokeOutcome { status, payload: Bytes::new(), function_error: None, log_tail: None, executed_version }
}

pub(crate) fn decoded_context(context: Option<&str>) -> Result<Option<String>, AwsError> {
    let invalid = || invalid_content("Client context must be a valid Base64-encoded JSON object.");
    let Some(context) = context else { return Ok(None) };
    let text = STANDARD.decode(context).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid)?;
    check_json(text.as_bytes()).map_err(|_| invalid())?;
    Ok(Some(text))
}

fn refused(refusal: RunnerRefusal, spec: &FunctionSpec) -> AwsError {
    match refusal {
        // AWS: what it answers where a function grows too fast isn't recorded; it is told as the concurrency it asked for.
        RunnerRefusal::Throttled(why) => {
            throttled(if spec.max_instances.is_some() { RESERVED_LIMIT } else { ACCOUNT_LIMIT }).because(why)
        }
        RunnerRefusal::Full(what) => no_memory(what),
        RunnerRefusal::UnknownRuntime(runtime) => {
            invalid_runtime(format!("Value {runtime} is not a supported runtime"))
        }
        RunnerRefusal::BadCode(what) => invalid_zip(what),
        RunnerRefusal::NoSuchFileSystem(arn) => mount_failed(&arn),
        RunnerRefusal::Unavailable(what) => service(what),
        RunnerRefusal::Stopping => AwsError::unavailable(RunnerRefusal::Stopping),
    }
}
