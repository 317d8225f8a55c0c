//! One operation, one file.

mod add_permission;
mod create_function;
mod delete_function;
mod delete_function_concurrency;
mod get_account_settings;
mod get_function;
mod get_function_concurrency;
mod get_function_configuration;
mod get_policy;
mod invoke;
mod list_functions;
mod list_tags;
mod list_versions_by_function;
mod publish_version;
mod put_function_concurrency;
mod remove_permission;
mod tag_resource;
mod untag_resource;
mod update_function_code;
mod update_function_configuration;

pub(crate) use add_permission::add_permission;
pub(crate) use create_function::create_function;
pub(crate) use delete_function::delete_function;
pub(crate) use delete_function_concurrency::delete_function_concurrency;
pub(crate) use get_account_settings::get_account_settings;
pub(crate) use get_function::get_function;
pub(crate) use get_function_concurrency::get_function_concurrency;
pub(crate) use get_function_configuration::get_function_configuration;
pub(crate) use get_policy::get_policy;
pub(crate) use invoke::invoke;
pub(crate) use list_functions::list_functions;
pub(crate) use list_tags::list_tags;
pub(crate) use list_versions_by_function::list_versions_by_function;
pub(crate) use publish_version::publish_version;
pub(crate) use put_function_concurrency::put_function_concurrency;
pub(crate) use remove_permission::remove_permission;
pub(crate) use tag_resource::tag_resource;
pub(crate) use untag_resource::untag_resource;
pub(crate) use update_function_code::update_function_code;
pub(crate) use update_function_configuration::update_function_configuration;

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
