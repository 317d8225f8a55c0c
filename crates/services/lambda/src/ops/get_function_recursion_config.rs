//! `GetFunctionRecursionConfig`.

use updraft_api_lambda::types::{GetFunctionRecursionConfigInput, GetFunctionRecursionConfigOutput, RecursiveLoop};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::RecursionKey;
use crate::model::name::Target;
use crate::{Lambda, table};

pub(crate) async fn get_function_recursion_config(
    svc: &Lambda,
    cx: &Ctx,
    input: GetFunctionRecursionConfigInput,
) -> Result<GetFunctionRecursionConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    let mut tx = svc.store.read().await?;
    table::function(&mut tx, &target).await?;
    let allowed = tx.row(&RecursionKey(&target.id)).await?.is_some();
    let recursive_loop = Some(if allowed { RecursiveLoop::Allow } else { RecursiveLoop::Terminate });
    Ok(GetFunctionRecursionConfigOutput { recursive_loop })
}
