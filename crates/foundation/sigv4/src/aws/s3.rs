//! S3.

use updraft_kernel::{AwsError, ErrorCode};

use crate::MAX_SKEW;
use crate::error::{AuthError, ExpiresError, Mismatch, Place, ScopeError};
use crate::time::{format_extended, format_timestamp};

static ACCESS_DENIED: ErrorCode = ErrorCode::sender("AccessDenied", 403);
static INVALID_REQUEST: ErrorCode = ErrorCode::sender("InvalidRequest", 400);
static INVALID_ARGUMENT: ErrorCode = ErrorCode::sender("InvalidArgument", 400);
static HEADER: ErrorCode = ErrorCode::sender("AuthorizationHeaderMalformed", 400);
static QUERY: ErrorCode = ErrorCode::sender("AuthorizationQueryParametersError", 400);
static SKEWED: ErrorCode = ErrorCode::sender("RequestTimeTooSkewed", 403);
static MISMATCH: ErrorCode = ErrorCode::sender("SignatureDoesNotMatch", 403);
static CONTENT: ErrorCode = ErrorCode::sender("XAmzContentSHA256Mismatch", 400);
static UNKNOWN_KEY: ErrorCode = ErrorCode::sender("InvalidAccessKeyId", 403);
static INVALID_TOKEN: ErrorCode = ErrorCode::sender("InvalidToken", 400);
static EXPIRED_TOKEN: ErrorCode = ErrorCode::sender("ExpiredToken", 400);

const CREDENTIAL_FORM: &str =
    "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";

pub(super) fn error(error: &AuthError) -> AwsError {
    use AuthError as E;
    match error {
        E::MissingAuthenticationToken => AwsError::new(&ACCESS_DENIED, "Access Denied"),
        E::SignatureDoesNotMatch(mismatch) => does_not_match(mismatch),
        E::Expired { .. } | E::TooSkewed { .. } => time(error),
        E::BadScope(scope) => bad_scope(scope),
        E::PayloadHashMismatch { declared, computed } => {
            AwsError::new(&CONTENT, "The provided 'x-amz-content-sha256' header does not match what was computed.")
                .with("ClientComputedContentSHA256", declared.as_str())
                .with("S3ComputedContentSHA256", computed.as_str())
        }
        E::UnknownKey { access_key_id } => {
            AwsError::new(&UNKNOWN_KEY, "The AWS Access Key Id you provided does not exist in our records.")
                .with("AWSAccessKeyId", access_key_id.as_str())
        }
        E::InvalidToken => AwsError::new(&INVALID_TOKEN, "The provided token is malformed or otherwise invalid."),
        E::ExpiredToken => AwsError::new(&EXPIRED_TOKEN, "The provided token has expired."),
        E::HeadersNotSigned { names } => {
            AwsError::new(&ACCESS_DENIED, "There were headers present in the request which were not signed")
                .with("HeadersNotSigned", names.join(", "))
        }
        other => malformed(other),
    }
}

fn malformed(error: &AuthError) -> AwsError {
    use AuthError as E;
    match error {
        E::IncompleteHeader { missing, .. } => {
            header(format!("a non-empty {} must be provided in the credential.", missing.join(" and ")))
        }
        E::MalformedHeader { .. } => header("the authorization component is malformed.".to_owned()),
        E::MalformedCredential { place: Place::Header, .. } => header(CREDENTIAL_FORM.to_owned()),
        E::MalformedCredential { place: Place::Query, .. } => {
            query(format!("Error parsing the X-Amz-Credential parameter; {CREDENTIAL_FORM}"))
        }
        E::IncompleteQuery { .. } => query(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
             X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
        ),
        E::InvalidExpires(why) => query(expires(*why)),
        E::UnknownAlgorithm { place: Place::Query, .. } => {
            query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")
        }
        E::InvalidDate { place: Place::Query, .. } => {
            query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        }
        E::InvalidDate { .. } | E::MissingDate { .. } => {
            AwsError::new(&ACCESS_DENIED, "AWS authentication requires a valid Date or x-amz-date header")
        }
        other => refused(other),
    }
}

fn refused(error: &AuthError) -> AwsError {
    use AuthError as E;
    let request = |text: &'static str| AwsError::new(&INVALID_REQUEST, text);
    match error {
        E::IncompleteVersion2 { .. } => AwsError::new(
            &ACCESS_DENIED,
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
        ),
        E::InvalidExpiry { text } => {
            AwsError::new(&ACCESS_DENIED, format!("Invalid date (should be seconds since epoch): {text}"))
        }
        E::HostNotSigned => {
            AwsError::new(&ACCESS_DENIED, "There were headers present in the request which were not signed")
                .with("HeadersNotSigned", "host")
        }
        E::TwoMechanisms => argument(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
             parameter or the Authorization header should be specified",
            "Authorization",
        ),
        // Version 2 is recognised by its name; AWS turned it off in all newer regions with these words.
        E::UnsupportedAuthorization(given) if given.starts_with("AWS ") => {
            request("The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
        }
        E::UnsupportedAuthorization(_) | E::UnknownAlgorithm { .. } => {
            argument("Unsupported Authorization Type", "Authorization")
        }
        E::SigV4a => {
            request("AWS4-ECDSA-P256-SHA256 signatures are not supported by this endpoint. Use AWS4-HMAC-SHA256.")
        }
        E::MissingPayloadHash => request("Missing required header for this request: x-amz-content-sha256"),
        E::InvalidPayloadHash(given) => argument(
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
             STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, \
             STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid \
             sha256 value.",
            "x-amz-content-sha256",
        )
        .with("ArgumentValue", given.as_str()),
        other => AwsError::new(&ACCESS_DENIED, format!("Access Denied: {other}")),
    }
}

fn header(what: String) -> AwsError {
    AwsError::new(&HEADER, format!("The authorization header is malformed; {what}"))
}

fn query(what: impl Into<String>) -> AwsError {
    AwsError::new(&QUERY, what.into())
}

fn argument(message: &'static str, name: &'static str) -> AwsError {
    AwsError::new(&INVALID_ARGUMENT, message).with("ArgumentName", name)
}

fn expires(why: ExpiresError) -> &'static str {
    match why {
        ExpiresError::NotANumber => "X-Amz-Expires should be a number",
        ExpiresError::Negative => "X-Amz-Expires must be non-negative",
        ExpiresError::TooLong => {
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds"
        }
    }
}

fn bad_scope(error: &ScopeError) -> AwsError {
    match error {
        ScopeError::Date { given, timestamp } => header(format!(
            "Invalid credential date \"{given}\". This date is not the same as X-Amz-Date: \"{}\".",
            timestamp.get(..8).unwrap_or_default()
        )),
        ScopeError::Region { given, expected } => {
            header(format!("the region '{given}' is wrong; expecting '{expected}'")).with("Region", expected.as_str())
        }
        ScopeError::Service { given, expected } => {
            header(format!("incorrect service \"{given}\". This endpoint belongs to \"{expected}\"."))
        }
        ScopeError::Terminator { given } => {
            header(format!("incorrect terminal \"{given}\". This endpoint uses \"aws4_request\"."))
        }
    }
}

/// The texts, and their bytes in hex, so that invisible differences can be seen.
fn does_not_match(mismatch: &Mismatch) -> AwsError {
    let bytes = |text: &str| text.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" ");
    let message = "The request signature we calculated does not match the signature you provided. Check your key and \
                   signing method.";
    let refusal = AwsError::new(&MISMATCH, message)
        .with("AWSAccessKeyId", mismatch.access_key_id.as_str())
        .with("StringToSign", mismatch.string_to_sign.as_str())
        .with("SignatureProvided", mismatch.provided.as_str())
        .with("StringToSignBytes", bytes(&mismatch.string_to_sign));
    match &mismatch.canonical_request {
        Some(request) => {
            refusal.with("CanonicalRequest", request.as_str()).with("CanonicalRequestBytes", bytes(request))
        }
        None => refusal,
    }
}

fn time(error: &AuthError) -> AwsError {
    match error {
        AuthError::Expired { lifetime, at, now } => {
            let expired = AwsError::new(&ACCESS_DENIED, "Request has expired");
            let expired = match lifetime {
                Some(seconds) => expired.with("X-Amz-Expires", seconds.to_string()),
                None => expired,
            };
            expired.with("Expires", format_extended(*at)).with("ServerTime", format_extended(*now))
        }
        AuthError::TooSkewed { date, now } => {
            AwsError::new(&SKEWED, "The difference between the request time and the current time is too large.")
                .with("RequestTime", format_timestamp(*date))
                .with("ServerTime", format_extended(*now))
                .with("MaxAllowedSkewMilliseconds", MAX_SKEW.as_millis().to_string())
        }
        other => malformed(other),
    }
}
