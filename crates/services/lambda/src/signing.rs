//! Code signing: which function has which configuration, and what it lets through. Nothing here can be signed, for there
//! is no signer: where signatures are enforced, no code is deployed.

use updraft_kernel::{AccountId, Arn, AwsError, Ctx, Region};
use updraft_store::Tx;

use crate::errors::{no_signing_config, unsigned};
use crate::keys::{FunctionSigningKey, FunctionSigningRow, SignedFunctionKey, SignedRow, SigningKey, SigningRow};
use crate::model::name::FunctionId;

/// The ARN of a configuration.
pub(crate) fn arn(account: &AccountId, region: &Region, id: &str) -> String {
    Arn::new("lambda", region, account, format!("code-signing-config:{id}")).to_string()
}

/// The id in an ARN of this account and region; the tables have checked its form.
pub(crate) fn id<'a>(cx: &Ctx, arn: &'a str) -> Option<&'a str> {
    let parsed = Arn::parse(arn).ok()?;
    let here = parsed.account == cx.account.as_str() && parsed.region == cx.region.as_str();
    arn.rsplit(':').next().filter(|_| here)
}

/// The configuration.
///
/// # Errors
/// If there is none of this ARN.
pub(crate) async fn find<'a>(cx: &Ctx, tx: &mut Tx, arn: &'a str) -> Result<(&'a str, SigningRow), AwsError> {
    let missing = || no_signing_config(arn);
    let id = id(cx, arn).ok_or_else(missing)?;
    let row = tx.row(&SigningKey(&cx.account, &cx.region, id)).await?.ok_or_else(missing)?;
    Ok((id, row))
}

/// Gives a function a configuration, or takes it away.
///
/// # Errors
/// If the store fails.
pub(crate) async fn give(tx: &mut Tx, function: &FunctionId, config: Option<&str>) -> Result<(), AwsError> {
    let key = FunctionSigningKey(function);
    if let Some(before) = tx.row(&key).await? {
        tx.delete_row(&SignedFunctionKey(&before.config, function));
        tx.delete_row(&key);
    }
    if let Some(config) = config {
        tx.put_row(&key, &FunctionSigningRow { config: config.to_owned() })?;
        tx.put_row(&SignedFunctionKey(config, function), &SignedRow)?;
    }
    Ok(())
}

/// Whether code or layers, which are never signed, may be deployed to the function.
///
/// # Errors
/// If its configuration enforces signatures.
pub(crate) async fn admit(tx: &mut Tx, function: &FunctionId) -> Result<(), AwsError> {
    let Some(given) = tx.row(&FunctionSigningKey(function)).await? else { return Ok(()) };
    let config = tx.row(&SigningKey(&function.account, &function.region, &given.config)).await?;
    if config.is_some_and(|config| config.enforced) { Err(unsigned()) } else { Ok(()) }
}
