//! `TestMetricFilter`.

use updraft_api_logs::types::{MetricFilterMatchRecord, TestMetricFilterInput, TestMetricFilterOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::Logs;
use crate::model::pattern::Pattern;

pub(crate) async fn test_metric_filter(
    _svc: &Logs,
    _cx: &Ctx,
    input: TestMetricFilterInput,
) -> Result<TestMetricFilterOutput, AwsError> {
    let pattern = Pattern::parse(&input.filter_pattern)?;
    let lines = (1..).zip(input.log_event_messages).filter(|(_, line)| pattern.matches(line));
    let matches = lines.map(|(number, line)| MetricFilterMatchRecord {
        event_number: Some(number),
        extracted_values: Some(pattern.extracted(&line)),
        event_message: Some(line),
    });
    Ok(TestMetricFilterOutput { matches: Some(matches.collect()) })
}
