//! Finding what requests name.

use updraft_api_lambda::errors::CALLBACK_TIMEOUT_EXCEPTION;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use super::arn::{ExecutionId, missing, named};
use super::rows::{Kind, OperationRow, State};
use super::token::read_callback;
use super::work::Work;
use crate::Lambda;
use crate::errors::{invalid_parameter, not_found};

impl<'t> Work<'t> {
    /// The execution that has the ARN.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) async fn of_arn(svc: &'t Lambda, cx: &Ctx, tx: &'t mut Tx, arn: &str) -> Result<Self, AwsError> {
        let work = Self::load(svc, tx, named(cx, arn)?).await?;
        work.filter(|work| work.arn() == arn).ok_or_else(|| missing(arn))
    }

    /// The execution that waits for the callback, and the operation that does, with its number.
    ///
    /// # Errors
    /// If there is none that still waits.
    pub(crate) async fn of_callback(
        svc: &'t Lambda,
        cx: &Ctx,
        tx: &'t mut Tx,
        callback: &str,
    ) -> Result<(Self, u64, OperationRow), AwsError> {
        let (id, number) = read_callback(callback).ok_or_else(|| invalid_parameter("Invalid callback id"))?;
        let id = ExecutionId { account: cx.account.clone(), region: cx.region.clone(), id };
        let unknown = || not_found("Callback not found");
        let mut work = Self::load(svc, tx, id).await?.ok_or_else(unknown)?;
        let row = work.operation(number).await?.filter(|row| row.kind == Kind::Callback).ok_or_else(unknown)?;
        if row.state != State::Started || !work.row.status.is_open() {
            let text = "The callback is either timed out or already completed";
            return Err(AwsError::new(&CALLBACK_TIMEOUT_EXCEPTION, text));
        }
        Ok((work, number, row))
    }
}

/// AWS: in these words, whatever is wrong with it; the SDKs look for them.
pub(crate) fn invalid_token() -> AwsError {
    invalid_parameter("Invalid checkpoint token")
}
