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
    // AWS: warnings are no reason not to take it.
    let result = if wrong.is_empty() { Code::Ok } else { Code::Fail };
    let mut diagnostics: Vec<Diagnostic> = wrong.into_iter().map(|wrong| told(wrong, Severity::Error)).collect();
    if input.severity == Some(Severity::Warning) {
        diagnostics.extend(read::warnings(&input.definition).into_iter().map(|wrong| told(wrong, Severity::Warning)));
    }
    let truncated = Some(diagnostics.len() > most);
    diagnostics.truncate(most);
    Ok(ValidateStateMachineDefinitionOutput { result, diagnostics, truncated })
}

fn told(found: read::Diagnostic, severity: Severity) -> Diagnostic {
    Diagnostic { severity, code: found.code.to_owned(), message: found.message, location: found.location }
}
