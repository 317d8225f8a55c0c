//! Between the wire's settings of stages and the stored ones.

use std::collections::BTreeMap;

use updraft_api_apigatewayv2::types::{AccessLogSettings, RouteSettings};
use updraft_kernel::AwsError;

use crate::errors::{no_route_for_settings, not_implemented};
use crate::model::{Limits, Logs, RouteRow};

/// # Errors
/// If it asks for the execution logs of WebSocket APIs.
pub(crate) fn limits_of(settings: RouteSettings) -> Result<Limits, AwsError> {
    if settings.data_trace_enabled == Some(true) {
        return Err(not_implemented("Execution logs (DataTraceEnabled) are"));
    }
    Ok(Limits {
        burst: settings.throttling_burst_limit,
        rate: settings.throttling_rate_limit,
        detailed_metrics: settings.detailed_metrics_enabled,
    })
}

pub(crate) fn restore_limits(limits: Limits) -> RouteSettings {
    RouteSettings {
        detailed_metrics_enabled: Some(limits.detailed_metrics.unwrap_or(false)),
        throttling_burst_limit: limits.burst,
        throttling_rate_limit: limits.rate,
        ..RouteSettings::default()
    }
}

pub(crate) fn logs_of(settings: AccessLogSettings) -> Logs {
    Logs { destination_arn: settings.destination_arn, format: settings.format }
}

pub(crate) fn restore_logs(logs: Logs) -> AccessLogSettings {
    AccessLogSettings { destination_arn: logs.destination_arn, format: logs.format }
}

/// Adds the settings of routes, by key, to those that there are.
///
/// # Errors
/// If there is no route of a key.
pub(crate) fn merge_limits(
    into: &mut BTreeMap<String, Limits>,
    given: BTreeMap<String, RouteSettings>,
    routes: &[RouteRow],
) -> Result<(), AwsError> {
    for (key, settings) in given {
        if !routes.iter().any(|route| route.route_key == key) {
            return Err(no_route_for_settings(&key));
        }
        into.insert(key, limits_of(settings)?);
    }
    Ok(())
}

// AWS: an update adds variables to those that there are; an empty value removes one.
pub(crate) fn merge_variables(into: &mut BTreeMap<String, String>, given: BTreeMap<String, String>) {
    into.extend(given);
    into.retain(|_, value| !value.is_empty());
}
