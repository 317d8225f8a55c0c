//! What the tables don't say of a pipe.

use updraft_api_pipes::shapes;
use updraft_api_pipes::types::{DescribePipeOutput, PipeSourceParameters};
use updraft_expr::pattern::Pattern;
use updraft_kernel::{Arn, AwsError};
use updraft_wire::{IntoValue, typed};

use super::target::Kind;
use super::template::unknown_variable;
use crate::errors::invalid;

/// AWS: messages of a batch that a queue gives without waiting for more.
const SMALL_BATCH: i32 = 10;

/// # Errors
/// What is wrong with it, in words of ours where AWS's aren't known.
pub(crate) fn check(config: &DescribePipeOutput) -> Result<(), AwsError> {
    source(config)?;
    filters(config.source_parameters.as_ref())?;
    if let Some(enrichment) = config.enrichment.as_deref() {
        parse(enrichment, "enrichment")?;
    }
    target(config)?;
    let enrichment = config.enrichment_parameters.as_ref().and_then(|given| given.input_template.as_deref());
    let target = config.target_parameters.as_ref().and_then(|given| given.input_template.as_deref());
    match enrichment.into_iter().chain(target).find_map(unknown_variable) {
        Some(variable) => Err(invalid(format!("InputTemplate has an unknown variable: <{variable}>"))),
        None => Ok(()),
    }
}

fn parse(arn: &str, what: &str) -> Result<Arn, AwsError> {
    Arn::parse(arn).map_err(|_| invalid(format!("Provided {what} is not a valid ARN: {arn}")))
}

/// The one member of `SourceParameters` that a source's own parameters are in.
fn parameters_of(source: &str) -> Option<&'static [&'static str]> {
    if source.starts_with("smk://") {
        return Some(&["SelfManagedKafkaParameters"]);
    }
    let arn = Arn::parse(source).ok()?;
    match arn.service.as_str() {
        "sqs" => Some(&["SqsQueueParameters"]),
        "kinesis" => Some(&["KinesisStreamParameters"]),
        "dynamodb" if arn.resource.contains("/stream/") => Some(&["DynamoDBStreamParameters"]),
        "kafka" => Some(&["ManagedStreamingKafkaParameters"]),
        "mq" => Some(&["ActiveMQBrokerParameters", "RabbitMQBrokerParameters"]),
        _ => None,
    }
}

fn source(config: &DescribePipeOutput) -> Result<(), AwsError> {
    let source = config.source.as_deref().unwrap_or_default();
    let unknown = || invalid(format!("Provided source is not a supported source of pipes: {source}"));
    let own = parameters_of(source).ok_or_else(unknown)?;
    let given = given(config.source_parameters.as_ref());
    if let Some(other) = given.iter().find(|name| *name != "FilterCriteria" && !own.contains(&name.as_str())) {
        return Err(invalid(format!("{other} cannot be specified for the source {source}")));
    }
    let queue = own.contains(&"SqsQueueParameters");
    if !queue && !given.iter().any(|name| own.contains(&name.as_str())) {
        return Err(invalid(format!("{} must be specified for the source {source}", own.join(" or "))));
    }
    if queue { batches(source, config) } else { Ok(()) }
}

fn given(parameters: Option<&PipeSourceParameters>) -> Vec<String> {
    let given = parameters.map(|given| typed::to_json(&shapes::PipeSourceParameters, &given.clone().into_value()));
    given.as_ref().and_then(|given| given.as_object()).map(|given| given.keys().cloned().collect()).unwrap_or_default()
}

fn batches(source: &str, config: &DescribePipeOutput) -> Result<(), AwsError> {
    let queue = config.source_parameters.as_ref().and_then(|given| given.sqs_queue_parameters.as_ref());
    let batch = queue.and_then(|queue| queue.batch_size).unwrap_or(SMALL_BATCH);
    let window = queue.and_then(|queue| queue.maximum_batching_window_in_seconds).unwrap_or_default();
    if source.ends_with(".fifo") && window > 0 {
        return Err(invalid("Batching window is not supported for FIFO queues"));
    }
    if source.ends_with(".fifo") && batch > SMALL_BATCH {
        return Err(invalid(format!(
            "Batch size {batch} is not supported for FIFO queues: the maximum is {SMALL_BATCH}"
        )));
    }
    if batch > SMALL_BATCH && window == 0 {
        return Err(invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        ));
    }
    // AWS: a batch that enrichment or target wouldn't take can't be asked for.
    for to in config.enrichment.iter().chain(&config.target) {
        let most = Kind::of(&parse(to, "target")?).most();
        if usize::try_from(batch).is_ok_and(|batch| batch > most) {
            return Err(invalid(format!("BatchSize {batch} is larger than the {most} events that {to} takes at once")));
        }
    }
    Ok(())
}

fn filters(parameters: Option<&PipeSourceParameters>) -> Result<(), AwsError> {
    for pattern in patterns(parameters) {
        // AWS: an empty pattern takes everything.
        let any =
            serde_json::from_str(&pattern).is_ok_and(|pattern: serde_json::Value| pattern == serde_json::json!({}));
        if !any && let Err(reason) = Pattern::parse(&pattern) {
            return Err(invalid(format!("Event pattern is not valid. Reason: {reason}")));
        }
    }
    Ok(())
}

/// Of which an event must match one.
pub(crate) fn patterns(parameters: Option<&PipeSourceParameters>) -> Vec<String> {
    let criteria = parameters.and_then(|given| given.filter_criteria.as_ref());
    let filters = criteria.and_then(|criteria| criteria.filters.as_ref());
    filters.into_iter().flatten().filter_map(|filter| filter.pattern.clone()).collect()
}

fn target(config: &DescribePipeOutput) -> Result<(), AwsError> {
    let target = parse(config.target.as_deref().unwrap_or_default(), "target")?;
    let kind = Kind::of(&target);
    let Some(parameters) = &config.target_parameters else { return fifo(&target, None) };
    let given = typed::to_json(&shapes::PipeTargetParameters, &parameters.clone().into_value());
    let mut names = given.as_object().into_iter().flat_map(|given| given.keys());
    if let Some(other) = names.find(|name| *name != "InputTemplate" && !kind.has(name)) {
        return Err(invalid(format!("{other} cannot be specified for the target {target}")));
    }
    let group = parameters.sqs_queue_parameters.as_ref().and_then(|queue| queue.message_group_id.as_deref());
    fifo(&target, group)
}

fn fifo(target: &Arn, group: Option<&str>) -> Result<(), AwsError> {
    if target.service == "sqs" && target.resource.ends_with(".fifo") && group.is_none() {
        return Err(invalid(format!("MessageGroupId must be specified for the target {target}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use updraft_api_pipes::types::{Filter, FilterCriteria, PipeSourceSqsQueueParameters, PipeTargetParameters};

    use super::*;

    const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";
    const SERVER: &str = "arn:aws:events:us-east-1:000000000000:api-destination/d/1";
    const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

    fn config(source: &str, target: &str) -> DescribePipeOutput {
        DescribePipeOutput { source: Some(source.into()), target: Some(target.into()), ..Default::default() }
    }

    fn with_batches(source: &str, target: &str, batch: i32, window: i32) -> DescribePipeOutput {
        let queue =
            PipeSourceSqsQueueParameters { batch_size: Some(batch), maximum_batching_window_in_seconds: Some(window) };
        let parameters = PipeSourceParameters { sqs_queue_parameters: Some(queue), ..Default::default() };
        DescribePipeOutput { source_parameters: Some(parameters), ..config(source, target) }
    }

    fn refused(config: &DescribePipeOutput) -> String {
        check(config).unwrap_err().message().to_owned()
    }

    #[test]
    fn sources_are_those_that_pipes_read() {
        assert!(check(&config(QUEUE, FUNCTION)).is_ok());
        assert!(refused(&config("arn:aws:sns:us-east-1:000000000000:t", FUNCTION)).contains("not a supported source"));
        let stream = config("arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/x", FUNCTION);
        assert!(refused(&stream).starts_with("DynamoDBStreamParameters must be specified"), "{}", refused(&stream));
        let wrong = with_batches("arn:aws:kinesis:us-east-1:000000000000:stream/s", FUNCTION, 1, 0);
        assert!(refused(&wrong).starts_with("SqsQueueParameters cannot be specified"), "{}", refused(&wrong));
    }

    #[test]
    fn batches_are_what_source_and_target_take() {
        let fifo = &format!("{QUEUE}.fifo");
        for (source, target, batch, window, fine) in [
            (QUEUE, FUNCTION, 10, 0, true),
            (QUEUE, FUNCTION, 11, 0, false),
            (QUEUE, FUNCTION, 10_000, 1, true),
            (QUEUE, QUEUE, 10, 1, true),
            (QUEUE, QUEUE, 11, 1, false),
            (QUEUE, SERVER, 1, 0, true),
            (QUEUE, SERVER, 2, 0, false),
            (fifo, FUNCTION, 10, 0, true),
            (fifo, FUNCTION, 11, 0, false),
            (fifo, FUNCTION, 10, 1, false),
        ] {
            let checked = check(&with_batches(source, target, batch, window));
            assert_eq!(checked.is_ok(), fine, "{source} {target} {batch} {window}: {checked:?}");
        }
    }

    #[test]
    fn filters_are_patterns() {
        let with = |pattern: &str| {
            let filters = vec![Filter { pattern: Some(pattern.into()) }];
            let criteria = FilterCriteria { filters: Some(filters) };
            let parameters = PipeSourceParameters { filter_criteria: Some(criteria), ..Default::default() };
            DescribePipeOutput { source_parameters: Some(parameters), ..config(QUEUE, FUNCTION) }
        };
        assert!(check(&with(r#"{"body":{"a":[1]}}"#)).is_ok() && check(&with("{}")).is_ok());
        assert!(refused(&with("{")).starts_with("Event pattern is not valid. Reason: "));
    }

    #[test]
    fn targets_have_their_own_parameters() {
        let with =
            |parameters, target| DescribePipeOutput { target_parameters: Some(parameters), ..config(QUEUE, target) };
        let lambda =
            || PipeTargetParameters { lambda_function_parameters: Some(Default::default()), ..Default::default() };
        assert!(check(&with(lambda(), FUNCTION)).is_ok());
        assert!(refused(&with(lambda(), QUEUE)).starts_with("LambdaFunctionParameters cannot be specified"));
        assert!(refused(&config(QUEUE, &format!("{QUEUE}.fifo"))).starts_with("MessageGroupId must be specified"));
        let template = PipeTargetParameters { input_template: Some("<aws.pipes.x>".into()), ..Default::default() };
        assert!(refused(&with(template, FUNCTION)).contains("unknown variable: <aws.pipes.x>"));
    }
}
