//! `PutFunctionRecursionConfig`.

use updraft_api_lambda::types::{PutFunctionRecursionConfigInput, PutFunctionRecursionConfigOutput, RecursiveLoop};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::{RecursionKey, RecursionRow};
use crate::model::name::Target;
use crate::{Lambda, table};

pub(crate) async fn put_function_recursion_config(
    svc: &Lambda,
    cx: &Ctx,
    input: PutFunctionRecursionConfigInput,
) -> Result<PutFunctionRecursionConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    let mut tx = svc.store.write().await?;
    table::function(&mut tx, &target).await?;
    if input.recursive_loop == RecursiveLoop::Allow {
        tx.put_row(&RecursionKey(&target.id), &RecursionRow)?;
    } else {
        tx.delete_row(&RecursionKey(&target.id));
    }
    tx.commit().await?;
    Ok(PutFunctionRecursionConfigOutput { recursive_loop: Some(input.recursive_loop) })
}
