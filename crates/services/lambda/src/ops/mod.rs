//! One operation, one file.

pub(crate) mod add_layer_version_permission;
pub(crate) mod add_permission;
pub(crate) mod checkpoint_durable_execution;
pub(crate) mod create_alias;
pub(crate) mod create_code_signing_config;
pub(crate) mod create_event_source_mapping;
pub(crate) mod create_function;
pub(crate) mod create_function_url_config;
pub(crate) mod delete_alias;
pub(crate) mod delete_code_signing_config;
pub(crate) mod delete_durable_execution;
pub(crate) mod delete_event_source_mapping;
pub(crate) mod delete_function;
pub(crate) mod delete_function_code_signing_config;
pub(crate) mod delete_function_concurrency;
pub(crate) mod delete_function_event_invoke_config;
pub(crate) mod delete_function_url_config;
pub(crate) mod delete_layer_version;
pub(crate) mod delete_provisioned_concurrency_config;
pub(crate) mod delete_resource_policy;
pub(crate) mod get_account_settings;
pub(crate) mod get_alias;
pub(crate) mod get_code_signing_config;
pub(crate) mod get_durable_execution;
pub(crate) mod get_durable_execution_history;
pub(crate) mod get_durable_execution_state;
pub(crate) mod get_event_source_mapping;
pub(crate) mod get_function;
pub(crate) mod get_function_code_signing_config;
pub(crate) mod get_function_concurrency;
pub(crate) mod get_function_configuration;
pub(crate) mod get_function_event_invoke_config;
pub(crate) mod get_function_recursion_config;
pub(crate) mod get_function_url_config;
pub(crate) mod get_layer_version;
pub(crate) mod get_layer_version_by_arn;
pub(crate) mod get_layer_version_policy;
pub(crate) mod get_policy;
pub(crate) mod get_provisioned_concurrency_config;
pub(crate) mod get_resource_policy;
pub(crate) mod get_runtime_management_config;
pub(crate) mod invoke;
pub(crate) mod invoke_async;
pub(crate) mod invoke_with_response_stream;
pub(crate) mod list_aliases;
pub(crate) mod list_code_signing_configs;
pub(crate) mod list_durable_executions_by_function;
pub(crate) mod list_event_source_mappings;
pub(crate) mod list_function_event_invoke_configs;
pub(crate) mod list_function_url_configs;
pub(crate) mod list_functions;
pub(crate) mod list_functions_by_code_signing_config;
pub(crate) mod list_layer_versions;
pub(crate) mod list_layers;
pub(crate) mod list_provisioned_concurrency_configs;
pub(crate) mod list_tags;
pub(crate) mod list_versions_by_function;
pub(crate) mod pause_durable_execution;
pub(crate) mod publish_layer_version;
pub(crate) mod publish_version;
pub(crate) mod put_function_code_signing_config;
pub(crate) mod put_function_concurrency;
pub(crate) mod put_function_event_invoke_config;
pub(crate) mod put_function_recursion_config;
pub(crate) mod put_provisioned_concurrency_config;
pub(crate) mod put_resource_policy;
pub(crate) mod put_runtime_management_config;
pub(crate) mod remove_layer_version_permission;
pub(crate) mod remove_permission;
pub(crate) mod resume_durable_execution;
pub(crate) mod send_durable_execution_callback_failure;
pub(crate) mod send_durable_execution_callback_heartbeat;
pub(crate) mod send_durable_execution_callback_success;
pub(crate) mod stop_durable_execution;
pub(crate) mod tag_resource;
pub(crate) mod untag_resource;
pub(crate) mod update_alias;
pub(crate) mod update_code_signing_config;
pub(crate) mod update_event_source_mapping;
pub(crate) mod update_function_code;
pub(crate) mod update_function_configuration;
pub(crate) mod update_function_event_invoke_config;
pub(crate) mod update_function_url_config;

mod paging;

use updraft_kernel::AwsError;

use crate::errors::{invalid_parameter, precondition_failed};
use crate::model::name::{LATEST, Target};

/// Whether the revision that the client knows, if it says one, is one of those that are current.
fn matches(given: Option<&str>, current: &[&str]) -> Result<(), AwsError> {
    match given {
        Some(given) if !current.contains(&given) => Err(precondition_failed()),
        _ => Ok(()),
    }
}

/// Versions never change.
fn latest_only(target: &Target) -> Result<(), AwsError> {
    match target.qualifier.as_deref() {
        None | Some(LATEST) => Ok(()),
        Some(_) => Err(invalid_parameter(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this \
             operation. Please specify either a function name or an unqualified function ARN.",
        )),
    }
}

/// AWS: even `$LATEST` is too much said where something belongs to all versions.
fn unqualified_only(target: &Target) -> Result<(), AwsError> {
    let latest = target.qualifier.as_deref() == Some(LATEST);
    latest_only(&if latest { Target { qualifier: Some("1".to_owned()), ..target.clone() } } else { target.clone() })
}
