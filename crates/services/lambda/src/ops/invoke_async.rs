//! `InvokeAsync`, which `Invoke` took the place of.

use updraft_api_lambda::types::{InvokeAsyncInput, InvokeAsyncOutput};
use updraft_kernel::ports::InvocationType;
use updraft_kernel::{AwsError, Ctx};

use crate::Lambda;
use crate::call::Call;
use crate::model::name::Target;
use crate::model::payload::{OLD_ASYNC_LIMIT, check_size};

pub(crate) async fn invoke_async(
    svc: &Lambda,
    cx: &Ctx,
    input: InvokeAsyncInput,
) -> Result<InvokeAsyncOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    check_size(input.invoke_args.len(), "Event", OLD_ASYNC_LIMIT)?;
    let call = Call {
        target,
        kind: InvocationType::Event,
        payload: input.invoke_args,
        client_context: None,
        tail: false,
        request_id: cx.request_id.as_str().to_owned(),
        source: None,
        caller: cx.account.clone(),
        execution_name: None,
        trace: cx.trace.as_deref().map(str::to_owned),
    };
    let status = svc.call(call).await?.status;
    Ok(InvokeAsyncOutput { status: Some(status.into()) })
}
