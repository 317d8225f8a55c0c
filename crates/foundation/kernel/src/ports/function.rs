//! Calling a Lambda function. Implemented by `services/lambda`; used by API Gateway, event sources, and others.

use std::fmt;

use bytes::Bytes;

use crate::error::AwsError;
use crate::{Arn, BoxFuture, Ctx};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvocationType {
    RequestResponse,
    Event,
    DryRun,
}

/// One call. `function` is a function ARN, with or without qualifier.
#[derive(Clone, Debug)]
pub struct InvokeRequest {
    pub function: Arn,
    pub kind: InvocationType,
    pub payload: Bytes,
    /// Base64 of JSON, as `X-Amz-Client-Context` carries it.
    pub client_context: Option<String>,
    /// The last 4 KiB of the log are wanted.
    pub tail: bool,
    /// The service that calls (`apigateway.amazonaws.com`) and the ARN it calls for: what the function's resource
    /// policy is checked against. `None`: the identity in [`Ctx`] calls for itself.
    pub source: Option<(&'static str, Arn)>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct InvokeOutcome {
    /// 200, 202 or 204.
    pub status: u16,
    pub payload: Bytes,
    /// `Unhandled` or `Handled`, where the function failed.
    pub function_error: Option<&'static str>,
    /// The end of the log, not yet base64, where it was asked for.
    pub log_tail: Option<Bytes>,
    pub executed_version: String,
}

pub trait FunctionPort: Send + Sync + fmt::Debug {
    /// An asynchronous call is known by the context's request id: sent again under it, it is the same call.
    fn invoke<'a>(&'a self, cx: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>>;
}
