//! Pipes as AWS shows them.

use updraft_api_pipes::types;
use updraft_kernel::{Arn, AwsError, Ctx};

use crate::keys::Owner;
use crate::model::pipe::Pipe;

/// What operations answer that leave a pipe on its way to something.
macro_rules! standing {
    ($output:ident, $cx:expr, $name:expr, $pipe:expr, $wanted:ident) => {
        updraft_api_pipes::types::$output {
            arn: Some($crate::view::arn($cx, $name)),
            name: Some($name.to_owned()),
            desired_state: Some($pipe.wanted.$wanted()),
            current_state: Some($pipe.phase.state()),
            creation_time: Some($pipe.created),
            last_modified_time: Some($pipe.modified),
        }
    };
}
pub(crate) use standing;

pub(crate) fn arn(cx: &Ctx, name: &str) -> String {
    cx.arn("pipes", format!("pipe/{name}")).to_string()
}

pub(crate) fn arn_of(owner: &Owner) -> Arn {
    Arn::new("pipes", &owner.region, &owner.account, format!("pipe/{}", owner.name))
}

pub(crate) fn described(cx: &Ctx, name: &str, pipe: &Pipe) -> Result<types::DescribePipeOutput, AwsError> {
    Ok(types::DescribePipeOutput {
        arn: Some(arn(cx, name)),
        name: Some(name.to_owned()),
        desired_state: Some(pipe.wanted.described()),
        current_state: Some(pipe.phase.state()),
        state_reason: pipe.reason.clone(),
        tags: Some(pipe.tags.clone()),
        creation_time: Some(pipe.created),
        last_modified_time: Some(pipe.modified),
        ..pipe.config()?
    })
}

pub(crate) fn listed(cx: &Ctx, name: &str, pipe: &Pipe) -> Result<types::Pipe, AwsError> {
    let config = pipe.config()?;
    Ok(types::Pipe {
        name: Some(name.to_owned()),
        arn: Some(arn(cx, name)),
        desired_state: Some(pipe.wanted.requested()),
        current_state: Some(pipe.phase.state()),
        state_reason: pipe.reason.clone(),
        creation_time: Some(pipe.created),
        last_modified_time: Some(pipe.modified),
        source: config.source,
        target: config.target,
        enrichment: config.enrichment,
    })
}
