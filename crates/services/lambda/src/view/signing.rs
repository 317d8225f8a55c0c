//! Code signing configurations as AWS shows them.

use updraft_api_lambda::types::{AllowedPublishers, CodeSigningConfig, CodeSigningPolicies, CodeSigningPolicy};
use updraft_kernel::Ctx;

use super::last_modified;
use crate::keys::SigningRow;
use crate::signing;

pub(crate) fn config(cx: &Ctx, id: &str, row: &SigningRow) -> CodeSigningConfig {
    let policy = if row.enforced { CodeSigningPolicy::Enforce } else { CodeSigningPolicy::Warn };
    CodeSigningConfig {
        code_signing_config_id: id.to_owned(),
        code_signing_config_arn: signing::arn(&cx.account, &cx.region, id),
        description: Some(row.description.clone()),
        allowed_publishers: AllowedPublishers { signing_profile_version_arns: row.publishers.clone() },
        code_signing_policies: CodeSigningPolicies { untrusted_artifact_on_deployment: Some(policy) },
        last_modified: last_modified(row.modified),
    }
}
