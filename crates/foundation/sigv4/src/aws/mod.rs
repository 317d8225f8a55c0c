//! What AWS says about each failure: it differs by service, in code, status and wording.

mod general;
mod s3;

use updraft_kernel::AwsError;

use crate::error::AuthError;

/// Which family of wordings a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    S3,
    /// awsJson 1.0 and 1.1, and CBOR: 400, codes with `Exception`.
    Json,
    /// awsQuery: 403, codes without `Exception`.
    Query,
    /// restJson: 403, codes with `Exception`.
    RestJson,
}

/// The error that the client of a service sees.
#[must_use]
pub fn to_aws(error: &AuthError, style: Style) -> AwsError {
    match style {
        Style::S3 => s3::error(error),
        other => general::error(error, other),
    }
}
