//! `GetFunction`.

use updraft_api_lambda::types::{Concurrency, FunctionCodeLocation, GetFunctionInput, GetFunctionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::config::Code;
use crate::model::name::Target;
use crate::table::Found;
use crate::view::{Ending, Moment, Shown, configuration};
use crate::{Lambda, table};

pub(crate) async fn get_function(
    svc: &Lambda,
    cx: &Ctx,
    input: GetFunctionInput,
) -> Result<GetFunctionOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.read().await?;
    let Found { function, version, row, attached } = table::find(&mut tx, &target).await?;
    let (row, attached, moment) = (&row, &attached, Moment::Settled);
    let shown = Shown { id: &target.id, version, row, moment, ending: Ending::of(&target), attached };
    let reserved = function.reserved.map(|count| i32::try_from(count).unwrap_or(i32::MAX));
    Ok(GetFunctionOutput {
        configuration: Some(configuration(shown)),
        code: Some(location(svc, cx, &row.config.code)),
        tags: Some(function.tags).filter(|tags| !tags.is_empty()),
        concurrency: reserved.map(|count| Concurrency { reserved_concurrent_executions: Some(count) }),
        ..GetFunctionOutput::default()
    })
}

fn location(svc: &Lambda, cx: &Ctx, code: &Code) -> FunctionCodeLocation {
    FunctionCodeLocation {
        repository_type: Some("S3".to_owned()),
        location: svc.location(cx, code),
        ..FunctionCodeLocation::default()
    }
}
