//! What is attached to a version of a function besides its configuration. It is a row of its own, which most functions
//! don't have.

use serde::{Deserialize, Serialize};
use updraft_api_lambda::types::FileSystemConfig;
use updraft_kernel::AwsError;
use updraft_store::Row;

use super::config::Code;
use crate::errors::invalid_parameter;

/// AWS: bytes of a function's code and all its layers, unpacked.
pub(crate) const UNPACKED_LIMIT: u64 = 262_144_000;

/// A layer as it was when it was attached: it stays so, whatever becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Layer {
    /// With its version.
    pub(crate) arn: String,
    pub(crate) code: Code,
    pub(crate) unpacked: u64,
}

/// A file system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mount {
    /// Of the access point.
    pub(crate) arn: String,
    pub(crate) path: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attached {
    pub(crate) layers: Vec<Layer>,
    pub(crate) mounts: Vec<Mount>,
    /// A network without subnets, which is none: whether IPv6 was allowed in it. `None`: never set, and then AWS
    /// answers no `VpcConfig` at all.
    pub(crate) network: Option<bool>,
}

impl Row for Attached {
    const VERSION: u8 = 1;
}

impl Attached {
    /// Whether the code, of so many bytes unpacked, and the layers fit into a function.
    ///
    /// # Errors
    /// In AWS's words, if they don't.
    pub(crate) fn check_size(&self, code: u64) -> Result<(), AwsError> {
        let layers: u64 = self.layers.iter().map(|layer| layer.unpacked).sum();
        if layers > UNPACKED_LIMIT {
            let text = format!("Layers consume more than the available size of {UNPACKED_LIMIT} bytes");
            return Err(invalid_parameter(text));
        }
        let all = code.saturating_add(layers);
        if !self.layers.is_empty() && all > UNPACKED_LIMIT {
            return Err(invalid_parameter(format!(
                "Function code combined with layers exceeds the maximum allowed size of {UNPACKED_LIMIT} bytes. The \
                 actual size is {all} bytes."
            )));
        }
        Ok(())
    }
}

impl Mount {
    /// The tables have checked the forms of both.
    ///
    /// # Errors
    /// If the path isn't one.
    pub(crate) fn parse(config: FileSystemConfig) -> Result<Self, AwsError> {
        let FileSystemConfig { arn, local_mount_path: path, .. } = config;
        if path.ends_with("/.") || path.ends_with("/..") {
            return Err(invalid_parameter(format!("The local mount path {path} is not valid.")));
        }
        Ok(Self { arn, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(sizes: &[u64]) -> Attached {
        let code = Code { blob: "b".into(), sha256: [0; 32], size: 1 };
        let layer = |&unpacked| Layer { arn: "a".into(), code: code.clone(), unpacked };
        Attached { layers: sizes.iter().map(layer).collect(), ..Attached::default() }
    }

    #[test]
    fn code_and_layers_share_one_limit() {
        let half = UNPACKED_LIMIT / 2;
        assert!(layers(&[half, half]).check_size(0).is_ok());
        assert!(layers(&[half]).check_size(half).is_ok());
        let refused = layers(&[half]).check_size(half + 1).unwrap_err();
        assert!(refused.message().ends_with("The actual size is 262144001 bytes."), "{}", refused.message());
        let refused = layers(&[half, half, 1]).check_size(0).unwrap_err();
        assert_eq!(refused.message(), "Layers consume more than the available size of 262144000 bytes");
    }

    #[test]
    fn a_mount_stays_below_mnt() {
        let mount = |path: &str| Mount::parse(FileSystemConfig { local_mount_path: path.into(), ..Default::default() });
        assert_eq!(mount("/mnt/..data").unwrap().path, "/mnt/..data");
        assert!(mount("/mnt/..").is_err() && mount("/mnt/.").is_err());
    }
}
