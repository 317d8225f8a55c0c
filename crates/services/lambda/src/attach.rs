//! Attaching layers, file systems and networks to functions.

use updraft_api_lambda::types::{FileSystemConfig, VpcConfig};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::invalid_parameter;
use crate::model::attached::{Attached, Mount};
use crate::{Lambda, layers};

/// What a request wants attached; the rest stays as it is.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) layers: Option<Vec<String>>,
    pub(crate) file_systems: Option<Vec<FileSystemConfig>>,
    pub(crate) network: Option<VpcConfig>,
}

impl Wanted {
    /// # Errors
    /// In AWS's words, for what can't be attached.
    pub(crate) async fn apply(
        self,
        svc: &Lambda,
        cx: &Ctx,
        tx: &mut Tx,
        attached: &mut Attached,
    ) -> Result<(), AwsError> {
        if let Some(network) = self.network {
            attached.network = Some(no_subnets(&network)?);
        }
        if let Some(systems) = self.file_systems {
            attached.mounts = systems.into_iter().map(|system| mount(svc, system)).collect::<Result<_, _>>()?;
        }
        if let Some(arns) = self.layers {
            attached.layers = layers::find_all(cx, tx, &arns).await?;
        }
        Ok(())
    }
}

/// There are no subnets and no security groups here, so none exists. AWS: empty lists take a function out of its
/// network.
fn no_subnets(network: &VpcConfig) -> Result<bool, AwsError> {
    let missing = |what: &str, text: String| {
        invalid_parameter(format!("Error occurred while Describe{what}. EC2 Error Code: {text} does not exist"))
    };
    if let Some(subnet) = network.subnet_ids.iter().flatten().next() {
        let text = format!("InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID '{subnet}'");
        return Err(missing("Subnets", text));
    }
    if let Some(group) = network.security_group_ids.iter().flatten().next() {
        let text = format!("InvalidGroup.NotFound. EC2 Error Message: The security group '{group}'");
        return Err(missing("SecurityGroups", text));
    }
    Ok(network.ipv6_allowed_for_dual_stack.unwrap_or(false))
}

/// AWS asks EFS for the access point; here it exists if the operator has named a folder for it. Unlike there, a function
/// needs no network for it.
fn mount(svc: &Lambda, system: FileSystemConfig) -> Result<Mount, AwsError> {
    let mount = Mount::parse(system)?;
    if svc.file_systems.contains(&mount.arn) {
        return Ok(mount);
    }
    let id = mount.arn.rsplit('/').next().unwrap_or_default();
    Err(invalid_parameter(format!(
        "Error occurred while DescribeAccessPoints. EFS Error Code: AccessPointNotFound. EFS Error Message: Access Point \
         '{id}' does not exist."
    )))
}
