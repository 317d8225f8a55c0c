//! `Invoke`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use updraft_api_lambda::types::{InvocationType as Asked, InvokeInput, InvokeOutput, LogType};
use updraft_kernel::ports::InvocationType;
use updraft_kernel::{AwsError, Ctx};

use crate::Lambda;
use crate::call::Call;
use crate::durable::Called;
use crate::model::absent;
use crate::model::name::{LATEST, Target};

pub(crate) async fn invoke(svc: &Lambda, cx: &Ctx, input: InvokeInput) -> Result<InvokeOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    absent::refuse_of_invoke(&input)?;
    let call = Call {
        target: target.clone(),
        kind: match input.invocation_type {
            Some(Asked::Event) => InvocationType::Event,
            Some(Asked::DryRun) => InvocationType::DryRun,
            _ => InvocationType::RequestResponse,
        },
        payload: input.payload.unwrap_or_default(),
        client_context: input.client_context,
        tail: input.log_type == Some(LogType::Tail),
        trace: cx.trace.as_deref().map(str::to_owned),
        request_id: cx.request_id.as_str().to_owned(),
        source: None,
        caller: cx.account.clone(),
        execution_name: input.durable_execution_name,
    };
    let called = svc.called(call).await.map_err(|error| missing_as_latest(&target, error))?;
    let Called { outcome, execution } = called;
    let ran = outcome.status == 200;
    Ok(InvokeOutput {
        status_code: Some(outcome.status.into()),
        function_error: outcome.function_error.map(str::to_owned),
        log_result: outcome.log_tail.map(|tail| STANDARD.encode(tail)),
        payload: Some(outcome.payload),
        executed_version: ran.then_some(outcome.executed_version),
        durable_execution_arn: execution,
    })
}

// AWS: what isn't there is missed as `$LATEST` (recorded: `test_function_name_and_qualifier_validation`).
pub(super) fn missing_as_latest(target: &Target, error: AwsError) -> AwsError {
    if target.qualifier.is_none() && error.code().status == 404 {
        return Target { qualifier: Some(LATEST.to_owned()), ..target.clone() }.missing();
    }
    error
}
