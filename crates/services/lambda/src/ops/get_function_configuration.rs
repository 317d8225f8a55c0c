//! `GetFunctionConfiguration`.

use updraft_api_lambda::types::{GetFunctionConfigurationInput, GetFunctionConfigurationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::name::Target;
use crate::table::Found;
use crate::view::{Ending, Moment, Shown, configuration};
use crate::{Lambda, table};

pub(crate) async fn get_function_configuration(
    svc: &Lambda,
    cx: &Ctx,
    input: GetFunctionConfigurationInput,
) -> Result<GetFunctionConfigurationOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.read().await?;
    let Found { version, row, attached, .. } = table::find(&mut tx, &target).await?;
    let (row, attached, moment) = (&row, &attached, Moment::Settled);
    Ok(configuration(Shown { id: &target.id, version, row, moment, ending: Ending::of(&target), attached }))
}
