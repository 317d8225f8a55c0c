//! A function's configuration: AWS's defaults, and the rules that its tables don't hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_api_lambda::types::{
    CreateFunctionInput, DurableConfig, LogFormat, LoggingConfig, Runtime, SnapStartApplyOn, TracingMode,
    UpdateFunctionConfigurationInput,
};
use updraft_kernel::{Arn, AwsError};

use super::destinations::dead_letter_target;
use super::durable::{self, Durable};
use super::{absent, environment, runtime};
use crate::errors::{above, invalid_parameter};

const DEFAULT_TIMEOUT_SECS: i32 = 3;
const DEFAULT_MEMORY_MB: i32 = 128;
const DEFAULT_EPHEMERAL_MB: i32 = 512;
/// The tables allow more of both, for kinds of functions that aren't ours.
const MOST_TIMEOUT_SECS: i32 = 900;
const MOST_MEMORY_MB: i32 = 10_240;
const MOST_EPHEMERAL_MB: i32 = 10_240;

/// A code package that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Code {
    /// The blob's id.
    pub(crate) blob: String,
    pub(crate) sha256: [u8; 32],
    /// Of the zip, in bytes.
    pub(crate) size: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Logging {
    pub(crate) json: bool,
    /// Answered, and kept over a change to text, only where the format is JSON.
    pub(crate) application_level: String,
    pub(crate) system_level: String,
    pub(crate) group: String,
}

/// Everything that makes one version run as it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Config {
    pub(crate) runtime: String,
    pub(crate) handler: String,
    pub(crate) role: String,
    pub(crate) description: String,
    pub(crate) timeout_secs: u32,
    pub(crate) memory_mb: u32,
    pub(crate) ephemeral_mb: u32,
    /// `None`: never set, and then AWS answers no `Environment` at all.
    pub(crate) environment: Option<BTreeMap<String, String>>,
    pub(crate) tracing_active: bool,
    pub(crate) architecture: String,
    pub(crate) logging: Logging,
    pub(crate) snap_start: bool,
    pub(crate) kms_key: Option<String>,
    pub(crate) code: Code,
    /// An ARN: of what gets the events that asynchronous calls gave up.
    pub(crate) dead_letter: Option<String>,
    /// `None`: its calls are over when they are answered.
    pub(crate) durable: Option<Durable>,
}

/// What a request sets; the rest stays as it is.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    runtime: Option<Runtime>,
    role: Option<String>,
    handler: Option<String>,
    description: Option<String>,
    timeout: Option<i32>,
    memory: Option<i32>,
    ephemeral: Option<i32>,
    environment: Option<BTreeMap<String, String>>,
    tracing: Option<TracingMode>,
    logging: Option<LoggingConfig>,
    snap_start: Option<SnapStartApplyOn>,
    kms_key: Option<String>,
    dead_letter: Option<String>,
    durable: Option<DurableConfig>,
}

impl Changes {
    /// # Errors
    /// If the request asks for what this platform doesn't have.
    pub(crate) fn of_create(input: &CreateFunctionInput) -> Result<Self, AwsError> {
        absent::refuse_of_create(input)?;
        Ok(Self {
            runtime: input.runtime.clone(),
            role: Some(input.role.clone()),
            handler: input.handler.clone(),
            description: input.description.clone(),
            timeout: input.timeout,
            memory: input.memory_size,
            ephemeral: input.ephemeral_storage.as_ref().map(|storage| storage.size),
            environment: input.environment.as_ref().map(|env| env.variables.clone().unwrap_or_default()),
            tracing: input.tracing_config.as_ref().and_then(|tracing| tracing.mode.clone()),
            logging: input.logging_config.clone(),
            snap_start: input.snap_start.as_ref().and_then(|snap| snap.apply_on.clone()),
            kms_key: input.kms_key_arn.clone(),
            dead_letter: input.dead_letter_config.as_ref().and_then(|config| config.target_arn.clone()),
            durable: input.durable_config.clone(),
        })
    }

    /// Where dead letters are to go from now on, if that is said.
    ///
    /// # Errors
    /// If it can't be.
    pub(crate) fn dead_letter_target(&self) -> Result<Option<Arn>, AwsError> {
        let target = self.dead_letter.as_deref().filter(|target| !target.is_empty());
        target.map(dead_letter_target).transpose()
    }

    /// # Errors
    /// As [`Self::of_create`].
    pub(crate) fn of_update(input: UpdateFunctionConfigurationInput) -> Result<Self, AwsError> {
        absent::refuse_of_update(&input)?;
        Ok(Self {
            runtime: input.runtime,
            role: input.role,
            handler: input.handler,
            description: input.description,
            timeout: input.timeout,
            memory: input.memory_size,
            ephemeral: input.ephemeral_storage.map(|storage| storage.size),
            environment: input.environment.map(|env| env.variables.unwrap_or_default()),
            tracing: input.tracing_config.and_then(|tracing| tracing.mode),
            logging: input.logging_config,
            snap_start: input.snap_start.and_then(|snap| snap.apply_on),
            kms_key: input.kms_key_arn,
            dead_letter: input.dead_letter_config.and_then(|config| config.target_arn),
            durable: input.durable_config,
        })
    }
}

impl Config {
    /// A new function's, checked. Its code is still to come; see [`Code`].
    ///
    /// # Errors
    /// In AWS's words, for what isn't allowed.
    pub(crate) fn new(name: &str, architecture: Option<String>, mut changes: Changes) -> Result<Self, AwsError> {
        if changes.runtime.is_none() || changes.handler.is_none() {
            return Err(invalid_parameter(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
            ));
        }
        let level = || "INFO".to_owned();
        let logging = Logging {
            json: false,
            application_level: level(),
            system_level: level(),
            group: format!("/aws/lambda/{name}"),
        };
        let mut config = Self {
            runtime: String::new(),
            handler: String::new(),
            role: String::new(),
            description: String::new(),
            timeout_secs: number(DEFAULT_TIMEOUT_SECS),
            memory_mb: number(DEFAULT_MEMORY_MB),
            ephemeral_mb: number(DEFAULT_EPHEMERAL_MB),
            environment: None,
            tracing_active: false,
            architecture: architecture.unwrap_or_else(|| "x86_64".to_owned()),
            logging,
            snap_start: false,
            kms_key: None,
            code: Code { blob: String::new(), sha256: [0; 32], size: 0 },
            dead_letter: None,
            durable: changes.durable.take().as_ref().map(Durable::new).transpose()?,
        };
        config.apply(changes)?;
        Ok(config)
    }

    /// # Errors
    /// As [`Self::new`]; the configuration is then of no use.
    pub(crate) fn apply(&mut self, changes: Changes) -> Result<(), AwsError> {
        if let Some(runtime) = &changes.runtime {
            self.runtime = runtime::check(runtime)?;
        }
        if let Some(variables) = changes.environment {
            environment::check(&variables)?;
            self.environment = Some(variables);
        }
        if let Some(memory) = changes.memory {
            self.memory_mb = memory_checked(memory)?;
        }
        if let Some(timeout) = changes.timeout.filter(|timeout| *timeout > MOST_TIMEOUT_SECS) {
            return Err(above(timeout, "timeout", MOST_TIMEOUT_SECS));
        }
        if let Some(size) = changes.ephemeral.filter(|size| *size > MOST_EPHEMERAL_MB) {
            return Err(above(size, "ephemeralStorage.size", MOST_EPHEMERAL_MB));
        }
        set(&mut self.role, changes.role);
        set(&mut self.handler, changes.handler);
        set(&mut self.description, changes.description);
        set(&mut self.timeout_secs, changes.timeout.map(number));
        set(&mut self.ephemeral_mb, changes.ephemeral.map(number));
        set(&mut self.tracing_active, changes.tracing.map(|mode| mode == TracingMode::Active));
        set(&mut self.snap_start, changes.snap_start.map(|apply| apply == SnapStartApplyOn::PublishedVersions));
        if let Some(key) = changes.kms_key {
            self.kms_key = Some(key).filter(|key| !key.is_empty());
        }
        if let Some(target) = changes.dead_letter {
            // AWS: an empty ARN takes the target away.
            self.dead_letter = Some(target).filter(|target| !target.is_empty());
        }
        if let Some(logging) = changes.logging {
            self.logging.apply(logging)?;
        }
        if let Some(asked) = &changes.durable {
            durable::updated(self.durable.as_mut(), asked)?;
        }
        Ok(())
    }

    /// Whether publishing `self` after `last` would publish nothing new; descriptions belong to versions.
    pub(crate) fn runs_like(&self, last: &Self) -> bool {
        let description = last.description.clone();
        Self { description, ..self.clone() } == *last
    }
}

impl Logging {
    fn apply(&mut self, changes: LoggingConfig) -> Result<(), AwsError> {
        set(&mut self.json, changes.log_format.map(|format| format == LogFormat::Json));
        if !self.json && (changes.application_log_level.is_some() || changes.system_log_level.is_some()) {
            return Err(invalid_parameter(
                "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change \
                 the LogFormat to \"Json\" and try again.",
            ));
        }
        set(&mut self.application_level, changes.application_log_level.map(|level| level.as_str().to_owned()));
        set(&mut self.system_level, changes.system_log_level.map(|level| level.as_str().to_owned()));
        set(&mut self.group, changes.log_group);
        Ok(())
    }
}

fn set<T>(to: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *to = value;
    }
}

fn memory_checked(memory: i32) -> Result<u32, AwsError> {
    if memory > MOST_MEMORY_MB {
        let text = "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to";
        return Err(invalid_parameter(format!("{text} {MOST_MEMORY_MB}")));
    }
    Ok(number(memory))
}

/// The tables have checked that it isn't negative.
fn number(value: i32) -> u32 {
    value.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use updraft_api_lambda::types::{ApplicationLogLevel, EphemeralStorage, FunctionCode};

    use super::*;

    fn input() -> CreateFunctionInput {
        CreateFunctionInput {
            function_name: "f".into(),
            runtime: Some(Runtime::Python312),
            role: "arn:aws:iam::000000000000:role/r".into(),
            handler: Some("index.handler".into()),
            code: FunctionCode::default(),
            ..CreateFunctionInput::default()
        }
    }

    fn config(input: &CreateFunctionInput) -> Result<Config, AwsError> {
        Config::new("f", None, Changes::of_create(input)?)
    }

    #[test]
    fn defaults_are_awss() {
        let config = config(&input()).unwrap();
        assert_eq!((config.timeout_secs, config.memory_mb, config.ephemeral_mb), (3, 128, 512));
        assert_eq!((config.architecture.as_str(), config.environment), ("x86_64", None));
        assert_eq!((config.logging.json, config.logging.group.as_str()), (false, "/aws/lambda/f"));
    }

    #[test]
    fn runtime_and_handler_are_needed() {
        for without in
            [CreateFunctionInput { runtime: None, ..input() }, CreateFunctionInput { handler: None, ..input() }]
        {
            assert!(config(&without).unwrap_err().message().starts_with("Runtime and Handler are mandatory"));
        }
    }

    #[test]
    fn memory_has_a_most() {
        assert!(config(&CreateFunctionInput { memory_size: Some(10_240), ..input() }).is_ok());
        assert!(config(&CreateFunctionInput { memory_size: Some(10_241), ..input() }).is_err());
    }

    #[test]
    fn ephemeral_storage_has_a_most() {
        let of = |size| CreateFunctionInput { ephemeral_storage: Some(EphemeralStorage { size }), ..input() };
        assert!(config(&of(10_240)).is_ok());
        assert!(config(&of(10_241)).unwrap_err().message().contains("'ephemeralStorage.size'"));
    }

    #[test]
    fn levels_are_for_logs_in_json() {
        let of = |format: LogFormat| {
            let logging = LoggingConfig {
                log_format: Some(format),
                application_log_level: Some(ApplicationLogLevel::Debug),
                ..LoggingConfig::default()
            };
            config(&CreateFunctionInput { logging_config: Some(logging), ..input() })
        };
        assert_eq!(of(LogFormat::Json).unwrap().logging.application_level, "DEBUG");
        assert!(of(LogFormat::Text).unwrap_err().message().starts_with("LogLevel is not supported when LogFormat"));
    }

    #[test]
    fn an_update_keeps_what_it_doesnt_name() {
        let mut config = config(&CreateFunctionInput { timeout: Some(9), ..input() }).unwrap();
        let before = config.clone();
        let logging = LoggingConfig { log_format: Some(LogFormat::Json), ..LoggingConfig::default() };
        let update = UpdateFunctionConfigurationInput {
            description: Some("new".into()),
            logging_config: Some(logging),
            ..UpdateFunctionConfigurationInput::default()
        };
        config.apply(Changes::of_update(update).unwrap()).unwrap();
        assert_eq!((config.timeout_secs, config.description.as_str()), (9, "new"));
        assert_eq!((config.logging.json, config.logging.system_level.as_str()), (true, "INFO"));
        assert!(!config.runs_like(&before));
        let described = Config { description: "other".into(), ..before.clone() };
        assert!(described.runs_like(&before));
    }
}
