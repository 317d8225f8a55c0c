//! `GetAlias`.

use updraft_api_lambda::types::{GetAliasInput, GetAliasOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::keys::AliasKey;
use crate::model::name::Target;
use crate::view::alias_configuration;

pub(crate) async fn get_alias(svc: &Lambda, cx: &Ctx, input: GetAliasInput) -> Result<GetAliasOutput, AwsError> {
    let Target { id, .. } = Target::parse(cx, &input.function_name, None)?;
    let target = Target { id, qualifier: Some(input.name.clone()) };
    let mut tx = svc.store.read().await?;
    let alias = tx.row(&AliasKey(&target.id, &input.name)).await?.ok_or_else(|| target.no_alias())?;
    Ok(alias_configuration(&target.id, input.name, alias))
}
