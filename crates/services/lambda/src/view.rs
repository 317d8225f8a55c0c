//! Versions as AWS shows them.

pub(crate) mod layers;
pub(crate) mod mappings;
pub(crate) mod signing;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use updraft_api_lambda::types::{
    AliasConfiguration, AliasRoutingConfiguration, ApplicationLogLevel, Architecture, DeadLetterConfig,
    DestinationConfig, EnvironmentResponse, EphemeralStorage, FileSystemConfig, FunctionConfiguration,
    FunctionEventInvokeConfig, LastUpdateStatus, LastUpdateStatusReasonCode, LogFormat, LoggingConfig, OnFailure,
    OnSuccess, PackageType, Runtime, RuntimeVersionConfig, SnapStartApplyOn, SnapStartOptimizationStatus,
    SnapStartResponse, State, StateReasonCode, SystemLogLevel, TracingConfigResponse, TracingMode, VpcConfigResponse,
};
use updraft_kernel::{Region, UnixMillis};

use crate::keys::VersionRow;
use crate::model::alias::Alias;
use crate::model::attached::{Attached, Mount};
use crate::model::config::{Config, Logging};
use crate::model::durable::Durable;
use crate::model::events::EventSettings;
use crate::model::name::{FunctionId, Target, Version};
use crate::table::alias_of;

const IN_THE_MAKING: &str = "The function is being created.";

/// At which moment a version is shown. AWS makes functions ready behind the answer's back; here they are ready when
/// the answer goes out, yet clients expect to be told first that they aren't (recorded: `test_function_lifecycle`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// In the answer that creates it.
    Created,
    /// In the answer that updates it.
    Updated,
    /// Afterwards.
    Settled,
    /// In lists, which don't tell states.
    Listed,
}

/// What is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a> {
    pub(crate) id: &'a FunctionId,
    pub(crate) version: Version,
    pub(crate) row: &'a VersionRow,
    pub(crate) moment: Moment,
    pub(crate) ending: Ending<'a>,
    pub(crate) attached: &'a Attached,
}

/// What the ARN ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending<'a> {
    /// The function's name.
    Name,
    Version,
    Alias(&'a str),
}

impl<'a> Ending<'a> {
    /// As a request named it.
    pub(crate) fn of(target: &'a Target) -> Self {
        match (alias_of(target), &target.qualifier) {
            (Some(alias), _) => Self::Alias(alias),
            (None, Some(_)) => Self::Version,
            (None, None) => Self::Name,
        }
    }
}

pub(crate) fn configuration(shown: Shown<'_>) -> FunctionConfiguration {
    let Shown { id, version, row, moment, ending, attached } = shown;
    let version = version.to_string();
    let qualifier = match ending {
        Ending::Name => None,
        Ending::Version => Some(version.as_str()),
        Ending::Alias(alias) => Some(alias),
    };
    let config = &row.config;
    let listed = moment == Moment::Listed;
    let mut out = FunctionConfiguration {
        function_name: Some(id.name.clone()),
        function_arn: Some(id.arn_of(qualifier).to_string()),
        runtime: Some(Runtime::from(config.runtime.clone())),
        role: Some(config.role.clone()),
        handler: Some(config.handler.clone()),
        code_size: Some(i64::try_from(config.code.size).unwrap_or(i64::MAX)),
        description: Some(config.description.clone()),
        timeout: Some(integer(config.timeout_secs)),
        memory_size: Some(integer(config.memory_mb)),
        last_modified: Some(last_modified(row.modified)),
        code_sha256: Some(STANDARD.encode(config.code.sha256)),
        version: Some(version),
        revision_id: Some(row.revision.clone()),
        runtime_version_config: (!listed).then(|| RuntimeVersionConfig {
            runtime_version_arn: Some(runtime_version(&config.runtime, &id.region)),
            error: None,
        }),
        ..settings(config)
    };
    attach(&mut out, attached);
    tell(&mut out, moment);
    out
}

pub(crate) fn alias_configuration(id: &FunctionId, name: String, alias: Alias) -> AliasConfiguration {
    let routing = alias.share.map(|share| AliasRoutingConfiguration {
        additional_version_weights: Some([(share.version.to_string(), share.weight)].into()),
    });
    AliasConfiguration {
        alias_arn: Some(id.arn_of(Some(&name)).to_string()),
        name: Some(name),
        function_version: Some(alias.version.to_string()),
        description: Some(alias.description),
        routing_config: routing,
        revision_id: Some(alias.revision),
    }
}

/// AWS: both destinations are shown, empty where there is none.
pub(crate) fn event_settings(target: &Target, settings: EventSettings) -> FunctionEventInvokeConfig {
    let number = |number: u32| i32::try_from(number).ok();
    FunctionEventInvokeConfig {
        last_modified: Some(settings.modified),
        function_arn: Some(target.arn().to_string()),
        maximum_retry_attempts: settings.retries.and_then(number),
        maximum_event_age_in_seconds: settings.max_age_secs.and_then(number),
        destination_config: Some(DestinationConfig {
            on_success: Some(OnSuccess { destination: settings.on_success }),
            on_failure: Some(OnFailure { destination: settings.on_failure }),
        }),
    }
}

/// What every view of a configuration has alike.
fn settings(config: &Config) -> FunctionConfiguration {
    let tracing = if config.tracing_active { TracingMode::Active } else { TracingMode::PassThrough };
    let snap_start = if config.snap_start { SnapStartApplyOn::PublishedVersions } else { SnapStartApplyOn::None };
    let variables = config.environment.clone();
    FunctionConfiguration {
        environment: variables.map(|variables| EnvironmentResponse { variables: Some(variables), error: None }),
        kms_key_arn: config.kms_key.clone(),
        dead_letter_config: config.dead_letter.clone().map(|target| DeadLetterConfig { target_arn: Some(target) }),
        durable_config: config.durable.as_ref().map(Durable::shown),
        tracing_config: Some(TracingConfigResponse { mode: Some(tracing) }),
        package_type: Some(PackageType::Zip),
        architectures: Some(vec![Architecture::from(config.architecture.clone())]),
        ephemeral_storage: Some(EphemeralStorage { size: integer(config.ephemeral_mb) }),
        snap_start: Some(SnapStartResponse {
            apply_on: Some(snap_start),
            optimization_status: Some(SnapStartOptimizationStatus::Off),
        }),
        logging_config: Some(logging(&config.logging)),
        ..FunctionConfiguration::default()
    }
}

fn attach(out: &mut FunctionConfiguration, attached: &Attached) {
    let Attached { layers, mounts, network } = attached;
    // AWS: what is empty isn't shown at all.
    out.layers = Some(layers.iter().map(layers::attached).collect()).filter(|shown: &Vec<_>| !shown.is_empty());
    let mount = |mount: &Mount| FileSystemConfig {
        arn: mount.arn.clone(),
        local_mount_path: mount.path.clone(),
        ..FileSystemConfig::default()
    };
    out.file_system_configs = Some(mounts.iter().map(mount).collect()).filter(|shown: &Vec<_>| !shown.is_empty());
    out.vpc_config = network.map(|ipv6| VpcConfigResponse {
        subnet_ids: Some(Vec::new()),
        security_group_ids: Some(Vec::new()),
        vpc_id: Some(String::new()),
        ipv6_allowed_for_dual_stack: Some(ipv6),
    });
}

fn logging(logging: &Logging) -> LoggingConfig {
    let level = |level: &String| logging.json.then(|| level.clone());
    LoggingConfig {
        log_format: Some(if logging.json { LogFormat::Json } else { LogFormat::Text }),
        application_log_level: level(&logging.application_level).map(ApplicationLogLevel::from),
        system_log_level: level(&logging.system_level).map(SystemLogLevel::from),
        log_group: Some(logging.group.clone()),
    }
}

fn tell(out: &mut FunctionConfiguration, moment: Moment) {
    match moment {
        Moment::Created => {
            out.state = Some(State::Pending);
            out.state_reason = Some(IN_THE_MAKING.to_owned());
            out.state_reason_code = Some(StateReasonCode::Creating);
        }
        Moment::Updated => {
            out.state = Some(State::Active);
            out.last_update_status = Some(LastUpdateStatus::InProgress);
            out.last_update_status_reason = Some(IN_THE_MAKING.to_owned());
            // AWS: a code that the model's enumeration doesn't list.
            out.last_update_status_reason_code = Some(LastUpdateStatusReasonCode::Unknown("Creating".to_owned()));
        }
        Moment::Settled => {
            out.state = Some(State::Active);
            out.last_update_status = Some(LastUpdateStatus::Successful);
        }
        Moment::Listed => {}
    }
}

/// AWS names each build of a runtime by a hash; here a runtime has one build.
pub(crate) fn runtime_version(runtime: &str, region: &Region) -> String {
    let hash = updraft_kernel::hex(&Sha256::digest(runtime.as_bytes()));
    format!("arn:{}:lambda:{region}::runtime:{hash}", region.partition())
}

/// AWS: `2026-01-02T03:04:05+0000`.
pub(crate) fn provisioned_at(at: UnixMillis) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

/// AWS: `2026-01-02T03:04:05.678+0000`.
pub(crate) fn last_modified(at: UnixMillis) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

fn integer(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_lambda_writes_it() {
        assert_eq!(last_modified(UnixMillis(1_767_323_045_007)), "2026-01-02T03:04:05.007+0000");
        assert_eq!(last_modified(UnixMillis(0)), "1970-01-01T00:00:00.000+0000");
    }
}
