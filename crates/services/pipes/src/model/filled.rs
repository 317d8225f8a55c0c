//! What a pipe is when it is made, and when it is changed.

use serde_json::{Map, Value};
use updraft_api_pipes::shapes;
use updraft_api_pipes::types::{
    CreatePipeInput, DescribePipeOutput, PipeEnrichmentParameters, PipeLogConfiguration,
    PipeLogConfigurationParameters, PipeSourceParameters, PipeTargetParameters, UpdatePipeInput,
    UpdatePipeSourceParameters,
};
use updraft_kernel::{Arn, AwsError};
use updraft_wire::{FromValue, IntoValue, typed};

use super::target::Kind;

/// AWS: messages of a batch, where nothing was said.
const BATCH: i32 = 10;
/// What an update can't change of a source's parameters, and so keeps.
const FIXED: &[&str] = &[
    "StartingPosition",
    "StartingPositionTimestamp",
    "QueueName",
    "VirtualHost",
    "TopicName",
    "ConsumerGroupID",
    "AdditionalBootstrapServers",
];

pub(crate) fn made(input: CreatePipeInput) -> Result<DescribePipeOutput, AwsError> {
    let mut config = DescribePipeOutput {
        description: input.description,
        source: Some(input.source),
        source_parameters: input.source_parameters,
        enrichment: input.enrichment.filter(|enrichment| !enrichment.is_empty()),
        enrichment_parameters: input.enrichment_parameters,
        target: Some(input.target),
        target_parameters: input.target_parameters,
        role_arn: Some(input.role_arn),
        log_configuration: input.log_configuration.map(log_configuration).transpose()?,
        kms_key_identifier: input.kms_key_identifier,
        ..DescribePipeOutput::default()
    };
    fill(&mut config);
    Ok(config)
}

/// AWS: parameters that are given are set as a whole; what isn't given stays.
pub(crate) fn change(config: &mut DescribePipeOutput, input: UpdatePipeInput) -> Result<(), AwsError> {
    set(&mut config.description, input.description);
    set(&mut config.enrichment, input.enrichment);
    set(&mut config.kms_key_identifier, input.kms_key_identifier);
    config.role_arn = Some(input.role_arn);
    if let Some(target) = input.target {
        let kind = |target: &str| Arn::parse(target).map(|arn| Kind::of(&arn)).ok();
        if config.target.as_deref().and_then(kind) != kind(&target) {
            // Another kind of target has other parameters.
            let template = config.target_parameters.take().and_then(|given| given.input_template);
            config.target_parameters =
                template.map(|template| PipeTargetParameters { input_template: Some(template), ..Default::default() });
        }
        config.target = Some(target);
    }
    if let Some(given) = input.source_parameters {
        config.source_parameters = Some(sources(config.source_parameters.take(), given)?);
    }
    if let Some(given) = input.enrichment_parameters {
        let old = config.enrichment_parameters.take().unwrap_or_default();
        config.enrichment_parameters = Some(PipeEnrichmentParameters {
            input_template: given.input_template.or(old.input_template),
            http_parameters: given.http_parameters.or(old.http_parameters),
        });
    }
    if let Some(given) = input.target_parameters {
        config.target_parameters = Some(targets(config.target_parameters.take(), given)?);
    }
    if let Some(given) = input.log_configuration {
        config.log_configuration = Some(log_configuration(given)?);
    }
    if config.enrichment.is_none() {
        config.enrichment_parameters = None;
    }
    fill(config);
    Ok(())
}

/// What is empty takes away what there was.
fn set(to: &mut Option<String>, given: Option<String>) {
    if let Some(given) = given {
        *to = Some(given).filter(|given| !given.is_empty());
    }
}

fn fill(config: &mut DescribePipeOutput) {
    let is_queue =
        config.source.as_deref().and_then(|source| Arn::parse(source).ok()).is_some_and(|arn| arn.service == "sqs");
    if is_queue {
        let kinds = config.enrichment.iter().chain(&config.target).filter_map(|arn| Arn::parse(arn).ok());
        let alone = kinds.into_iter().any(|arn| Kind::of(&arn).most() == 1);
        let queue = config.source_parameters.get_or_insert_default().sqs_queue_parameters.get_or_insert_default();
        queue.batch_size.get_or_insert(if alone { 1 } else { BATCH });
        queue.maximum_batching_window_in_seconds.get_or_insert(0);
    }
}

fn log_configuration(given: PipeLogConfigurationParameters) -> Result<PipeLogConfiguration, AwsError> {
    let document = typed::to_json(&shapes::PipeLogConfigurationParameters, &given.into_value());
    typed::from_json(&shapes::PipeLogConfiguration, &document).map(PipeLogConfiguration::from_value)
}

fn sources(
    old: Option<PipeSourceParameters>,
    given: UpdatePipeSourceParameters,
) -> Result<PipeSourceParameters, AwsError> {
    let mut all = members(typed::to_json(&shapes::PipeSourceParameters, &old.unwrap_or_default().into_value()));
    let given = members(typed::to_json(&shapes::UpdatePipeSourceParameters, &given.into_value()));
    for (name, mut value) in given {
        if let (Some(Value::Object(old)), Value::Object(new)) = (all.get(&name), &mut value) {
            let kept = old.iter().filter(|(name, _)| FIXED.contains(&name.as_str()));
            new.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
        }
        all.insert(name, value);
    }
    typed::from_json(&shapes::PipeSourceParameters, &Value::Object(all)).map(PipeSourceParameters::from_value)
}

fn targets(old: Option<PipeTargetParameters>, given: PipeTargetParameters) -> Result<PipeTargetParameters, AwsError> {
    let mut all = members(typed::to_json(&shapes::PipeTargetParameters, &old.unwrap_or_default().into_value()));
    all.extend(members(typed::to_json(&shapes::PipeTargetParameters, &given.into_value())));
    typed::from_json(&shapes::PipeTargetParameters, &Value::Object(all)).map(PipeTargetParameters::from_value)
}

fn members(document: Value) -> Map<String, Value> {
    match document {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
