//! What a target must be, beyond what its model says.

use serde::de::IgnoredAny;
use updraft_api_events::types::Target;
use updraft_expr::json_path::JsonPath;
use updraft_kernel::{Arn, AwsError};

use super::transform::unknown_placeholder;
use crate::errors::{not_valid_for, validation};

/// # Errors
/// What is wrong with it, in AWS's words.
pub(crate) fn check(target: &Target) -> Result<(), AwsError> {
    let Target { id, arn, .. } = target;
    let Ok(arn) = Arn::parse(arn) else {
        return Err(validation(format!(
            "Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        )));
    };
    check_dead_letters(target)?;
    if let Some(name) = missing_parameters(target, &arn) {
        return Err(validation(format!("Parameter(s) {name} must be specified for target: {id}.")));
    }
    let inputs = [target.input.is_some(), target.input_path.is_some(), target.input_transformer.is_some()];
    if inputs.into_iter().filter(|given| *given).count() > 1 {
        let message = format!("Only one of Input, InputPath, or InputTransformer must be provided for target {id}.");
        return Err(validation(message));
    }
    if target.input.as_ref().is_some_and(|input| serde_json::from_str::<IgnoredAny>(input).is_err()) {
        return Err(validation(format!("JSON syntax error in input for target {id}.")));
    }
    check_paths(target)
}

/// AWS: only a standard queue takes them.
fn check_dead_letters(target: &Target) -> Result<(), AwsError> {
    let Some(given) = target.dead_letter_config.as_ref().and_then(|config| config.arn.as_deref()) else {
        return Ok(());
    };
    let queue = Arn::parse(given).is_ok_and(|arn| arn.service == "sqs" && !arn.resource.ends_with(".fifo"));
    let wrong = || not_valid_for("DeadLetterConfig.Arn", "Provided Arn is not in correct format.");
    if queue { Ok(()) } else { Err(wrong()) }
}

fn check_paths(target: &Target) -> Result<(), AwsError> {
    let id = &target.id;
    let paths = target.input_transformer.iter().flat_map(|transformer| transformer.input_paths_map.iter().flatten());
    let paths = target.input_path.iter().chain(paths.map(|(_, path)| path));
    for path in paths {
        if JsonPath::parse(path).is_none() {
            return Err(validation(format!("Invalid JSONPath {path} for target {id}.")));
        }
    }
    match target.input_transformer.as_ref().and_then(unknown_placeholder) {
        Some(name) => Err(validation(format!("InputTemplate for target {id} contains invalid placeholder {name}."))),
        None => Ok(()),
    }
}

/// What some services' things can't be sent to without.
fn missing_parameters(target: &Target, arn: &Arn) -> Option<&'static str> {
    let missing = match arn.service.as_str() {
        "sqs" if arn.resource.ends_with(".fifo") => {
            let group = target.sqs_parameters.as_ref().and_then(|parameters| parameters.message_group_id.as_ref());
            group.is_none().then_some("SqsParameters")
        }
        "ecs" => target.ecs_parameters.is_none().then_some("EcsParameters"),
        "batch" => target.batch_parameters.is_none().then_some("BatchParameters"),
        "redshift" | "redshift-serverless" => {
            target.redshift_data_parameters.is_none().then_some("RedshiftDataParameters")
        }
        _ => None,
    };
    let assumes = arn.resource.starts_with("api-destination/")
        || matches!(arn.service.as_str(), "kinesis" | "firehose" | "ecs" | "batch" | "states");
    missing.or_else(|| (assumes && target.role_arn.is_none()).then_some("RoleArn"))
}
