//! `TestState`.

use updraft_api_states::types::{TestStateInput, TestStateOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::StepFunctions;
use crate::trial;

pub(crate) async fn test_state(
    svc: &StepFunctions,
    cx: &Ctx,
    input: TestStateInput,
) -> Result<TestStateOutput, AwsError> {
    trial::try_state(svc, cx, input).await
}
