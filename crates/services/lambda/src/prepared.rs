//! What is made of a version's rows for calling it, kept for as long as the rows are the same.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use updraft_kernel::ports::{CodeLocation, FileSystem, FunctionSpec, LayerSpec, LogSpec};
use updraft_kernel::{Arn, AwsError};
use updraft_store::{Key, Tx, decode_row};

use crate::keys::{AliasKey, FunctionKey, FunctionRow, VersionKey, VersionRow};
use crate::model::attached::{Attached, Layer};
use crate::model::config::Code;
use crate::model::durable::Durable;
use crate::model::name::{FunctionId, Target, Version};
use crate::model::trace;
use crate::table::alias_of;
use crate::{Lambda, table};
use updraft_kernel::hex;

/// So many versions are kept ready; then all are forgotten, and those in use are made again.
const KEPT: usize = 1024;

/// A version ready to be called.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) spec: Arc<FunctionSpec>,
    /// `None`: the function isn't durable.
    pub(crate) durable: Option<Durable>,
    /// The function's, without a qualifier.
    arn: String,
    /// What stands for the function in traces.
    pub(crate) mark: String,
    /// What is reserved for all of its versions.
    pub(crate) reserved: Option<u32>,
    pub(crate) dead_letter: Option<String>,
}

impl Prepared {
    fn new(
        (id, version): (&FunctionId, Version),
        function: &FunctionRow,
        row: VersionRow,
        attached: Attached,
    ) -> Result<Self, AwsError> {
        let (dead_letter, durable) = (row.config.dead_letter.clone(), row.config.durable.clone());
        let spec = FunctionSpec {
            layers: attached.layers.into_iter().map(layer).collect(),
            file_systems: attached.mounts.into_iter().map(|m| FileSystem { arn: m.arn, path: m.path }).collect(),
            ..spec(id, version, function, row)?
        };
        let (spec, arn) = (Arc::new(spec), id.arn().to_string());
        let mark = trace::mark(&arn);
        Ok(Self { spec, durable, arn, mark, reserved: function.reserved, dead_letter })
    }

    /// Whether the function's reservation lets it run at all.
    pub(crate) fn may_run(&self) -> bool {
        self.spec.max_instances != Some(0)
    }

    /// As the function is told who was called.
    pub(crate) fn invoked_arn(&self, qualifier: Option<&str>) -> String {
        match qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn),
            None => self.arn.clone(),
        }
    }
}

/// What was made of which rows, by the version's key. The rows are read for every call, here or on another node: only
/// decoding them and building the specification are saved.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<Bytes, Entry>>);

#[derive(Debug)]
struct Entry {
    function: Bytes,
    version: Bytes,
    prepared: Arc<Prepared>,
}

impl Cache {
    fn get(&self, key: &Bytes, function: &Bytes, version: &Bytes) -> Option<Arc<Prepared>> {
        let kept = self.0.lock();
        let entry = kept.get(key).filter(|entry| entry.function == *function && entry.version == *version)?;
        Some(Arc::clone(&entry.prepared))
    }

    fn put(&self, key: Bytes, entry: Entry) {
        let mut kept = self.0.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, entry);
    }
}

impl Lambda {
    /// The version that the target means, ready to be called; an alias with two versions draws one of them.
    ///
    /// # Errors
    /// AWS's "Function not found", with the ARN as it was named.
    pub(crate) async fn prepare(&self, tx: &mut Tx, target: &Target) -> Result<Arc<Prepared>, AwsError> {
        let version = match alias_of(target) {
            None => target.version().unwrap_or(Version::LATEST),
            Some(name) => {
                let alias = tx.row(&AliasKey(&target.id, name)).await?;
                alias.ok_or_else(|| target.missing())?.pick(&*self.rng)
            }
        };
        let keys = [FunctionKey(&target.id).encode(), VersionKey(&target.id, version).encode()];
        let [Some(function), Some(row)] = &tx.raw().get_many(&keys).await?[..] else { return Err(target.missing()) };
        let [function_key, key] = keys;
        if let Some(prepared) = self.prepared.get(&key, function, row) {
            return Ok(prepared);
        }
        // What is attached never changes alone: the version's row gets a new revision with it.
        let attached = table::attached(tx, &target.id, version).await?;
        let (function_row, version_row) = (decode_row(&function_key, function)?, decode_row(&key, row)?);
        let prepared = Arc::new(Prepared::new((&target.id, version), &function_row, version_row, attached)?);
        let entry = Entry { function: function.clone(), version: row.clone(), prepared: Arc::clone(&prepared) };
        self.prepared.put(key, entry);
        Ok(prepared)
    }
}

fn layer(layer: Layer) -> LayerSpec {
    LayerSpec { arn: layer.arn, code: location(layer.code) }
}

fn location(code: Code) -> CodeLocation {
    CodeLocation { blob: code.blob, sha256: hex(&code.sha256) }
}

/// What the runner needs to know, but for what is attached.
fn spec(id: &FunctionId, version: Version, function: &FunctionRow, row: VersionRow) -> Result<FunctionSpec, AwsError> {
    let config = row.config;
    Ok(FunctionSpec {
        account: id.account.clone(),
        region: id.region.clone(),
        name: id.name.clone(),
        version: version.to_string(),
        revision: row.deployment,
        runtime: config.runtime,
        handler: config.handler,
        role: Arn::parse(&config.role).map_err(AwsError::internal)?,
        code: location(config.code),
        layers: Vec::new(),
        file_systems: Vec::new(),
        environment: config.environment.unwrap_or_default(),
        memory_mb: config.memory_mb,
        timeout: Duration::from_secs(config.timeout_secs.into()),
        ephemeral_mb: config.ephemeral_mb,
        logging: LogSpec {
            group: config.logging.group,
            json: config.logging.json,
            application_level: config.logging.application_level,
            system_level: config.logging.system_level,
        },
        tracing: config.tracing_active,
        max_instances: function.limit(version),
    })
}
