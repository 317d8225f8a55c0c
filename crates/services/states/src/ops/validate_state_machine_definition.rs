//! `ValidateStateMachineDefinition`.

use updraft_api_states::types::{
    StateMachineType, ValidateStateMachineDefinitionDiagnostic as Diagnostic, ValidateStateMachineDefinitionInput,
    ValidateStateMachineDefinitionOutput, ValidateStateMachineDefinitionResultCode as Code,
    ValidateStateMachineDefinitionSeverity as Severity,
};
use updraft_asl::read::{self, Workflow};
use updraft_kernel::{AwsError, Ctx};

use crate::StepFunctions;

pub(crate) async fn validate_state_machine_definition(
    _svc: &StepFunctions,
    _cx: &Ctx,
    input: ValidateStateMachineDefinitionInput,
) -> Result<ValidateStateMachineDefinitionOutput, AwsError> {
    let express = input.r#type == Some(StateMachineType::Express);
    let workflow = if express { Workflow::Express } else { Workflow::Standard };
    let wrong = read::definition(&input.definition, workflow).err().unwrap_or_default();
    let most = input.max_results.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0).unwrap_or(100);
    let result = if wrong.is_empty() { Code::Ok } else { Code::Fail };
    let truncated = Some(wrong.len() > most);
    let diagnostics = wrong.into_iter().take(most).map(|wrong| Diagnostic {
        severity: Severity::Error,
        code: wrong.code.to_owned(),
        message: wrong.message,
        location: wrong.location,
    });
    Ok(ValidateStateMachineDefinitionOutput { result, diagnostics: diagnostics.collect(), truncated })
}
