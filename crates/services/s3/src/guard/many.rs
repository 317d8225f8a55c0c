//! `DeleteObjects`, where each key may be allowed or not.

use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{DeleteObjectsInput, DeleteObjectsOutput, Error, ObjectIdentifier};
use updraft_kernel::{AwsError, Ctx};
use updraft_wire::{FromValue as _, IntoValue as _, Operation, Value};

use super::Judge;
use super::actions::Ask;
use crate::S3;
use crate::errors::access_denied;

/// Deletes what may be deleted, and says of the rest that it may not.
pub(super) async fn delete(s3: &S3, cx: &Ctx, op: &'static Operation, input: Value) -> Result<Value, AwsError> {
    let mut typed = DeleteObjectsInput::from_value(input.clone());
    let Some(judge) = Judge::of(s3, cx, &typed.bucket).await? else {
        return Ok(s3.delete_objects(cx, typed).await?.into_value());
    };
    let (mut allowed, mut refused) = (Vec::new(), Vec::new());
    for object in std::mem::take(&mut typed.delete.objects) {
        let asked = Ask { action: "s3:BypassGovernanceRetention".to_owned(), ..ask(&typed.bucket, &object) };
        let bypass = match typed.bypass_governance_retention {
            Some(true) => judge.check(cx, (op, &input), &asked).await,
            _ => Ok(()),
        };
        match bypass.and(judge.check(cx, (op, &input), &ask(&typed.bucket, &object)).await) {
            Ok(()) => allowed.push(object),
            Err(error) if error.code().status >= 500 => return Err(error),
            Err(error) => refused.push(told(object, &error)),
        }
    }
    // Who may delete nothing of it isn't told whether the request was right.
    if allowed.is_empty() && !refused.is_empty() {
        if cx.identity.principal == updraft_kernel::Principal::Anonymous {
            return Err(access_denied());
        }
        return Ok(DeleteObjectsOutput { errors: Some(refused), ..Default::default() }.into_value());
    }
    typed.delete.objects = allowed;
    let cx = Ctx { account: judge.bucket.account, ..cx.clone() };
    let mut output = s3.delete_objects(&cx, typed).await?;
    if !refused.is_empty() {
        output.errors.get_or_insert_default().append(&mut refused);
    }
    Ok(output.into_value())
}

fn ask(bucket: &str, object: &ObjectIdentifier) -> Ask {
    let action = if object.version_id.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
    Ask {
        action: action.to_owned(),
        bucket: bucket.to_owned(),
        key: Some(object.key.clone()),
        version: object.version_id.clone(),
    }
}

fn told(object: ObjectIdentifier, error: &AwsError) -> Error {
    Error {
        key: Some(object.key),
        version_id: object.version_id,
        code: Some(error.code().name.to_owned()),
        message: Some(error.message().to_owned()),
    }
}
