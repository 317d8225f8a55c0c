//! All services but S3.

use updraft_kernel::{AwsError, ErrorCode, UnixMillis};

use super::Style;
use crate::MAX_SKEW;
use crate::error::{AuthError, Mismatch, ScopeError};
use crate::hex::sha256;
use crate::time::format_timestamp;

/// One failure's code in each family.
struct Codes {
    json: ErrorCode,
    query: ErrorCode,
    rest: ErrorCode,
}

impl Codes {
    const fn new(exception: &'static str, query: ErrorCode) -> Self {
        Self { json: ErrorCode::sender(exception, 400), query, rest: ErrorCode::sender(exception, 403) }
    }

    fn of(&'static self, style: Style) -> &'static ErrorCode {
        match style {
            Style::Query | Style::S3 => &self.query,
            Style::Json => &self.json,
            Style::RestJson => &self.rest,
        }
    }
}

static MISSING: Codes =
    Codes::new("MissingAuthenticationTokenException", ErrorCode::sender("MissingAuthenticationToken", 403));
static INCOMPLETE: Codes = Codes::new("IncompleteSignatureException", ErrorCode::sender("IncompleteSignature", 400));
static SIGNATURE: Codes = Codes::new("InvalidSignatureException", ErrorCode::sender("SignatureDoesNotMatch", 403));
static UNKNOWN: Codes = Codes::new("UnrecognizedClientException", ErrorCode::sender("InvalidClientTokenId", 403));
static EXPIRED: Codes = Codes::new("ExpiredTokenException", ErrorCode::sender("ExpiredToken", 403));

pub(super) fn error(error: &AuthError, style: Style) -> AwsError {
    let (codes, message) = face(error, style);
    AwsError::new(codes.of(style), message)
}

fn face(error: &AuthError, style: Style) -> (&'static Codes, String) {
    use AuthError as E;
    match error {
        // AWS: DynamoDB and the query services say it so; the REST services have their own words.
        E::MissingAuthenticationToken if style == Style::RestJson => (&MISSING, "Missing Authentication Token".into()),
        E::MissingAuthenticationToken => (&MISSING, "Request is missing Authentication Token".into()),
        E::UnknownKey { .. } | E::InvalidToken => {
            (&UNKNOWN, "The security token included in the request is invalid.".into())
        }
        E::ExpiredToken => (&EXPIRED, "The security token included in the request is expired".into()),
        E::SignatureDoesNotMatch(mismatch) => (&SIGNATURE, does_not_match(mismatch, style)),
        E::TooSkewed { date, now } => (&SIGNATURE, skewed(*date, *now)),
        E::Expired { at, now, .. } => (&SIGNATURE, expired(*at, *now)),
        E::BadScope(scope) => (&SIGNATURE, bad_scope(scope)),
        E::HostNotSigned => {
            (&SIGNATURE, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".into())
        }
        E::HeadersNotSigned { names } => {
            (&SIGNATURE, format!("'{}' must be a 'SignedHeader' in the AWS Authorization.", names.join("', '")))
        }
        other => (&INCOMPLETE, incomplete(other)),
    }
}

fn incomplete(error: &AuthError) -> String {
    use AuthError as E;
    match error {
        E::UnsupportedAuthorization(header) => {
            requires(&["Credential", "Signature", "SignedHeaders"], header)
        }
        E::IncompleteHeader { missing, authorization } => requires(missing, authorization),
        E::MalformedHeader { authorization } => format!(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '{}'.",
            hashed(authorization)
        ),
        E::MissingDate { authorization } => format!(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. {HASHED}{}",
            hashed(authorization)
        ),
        E::IncompleteQuery { missing } => {
            let each = |name: &&str| format!("AWS query-string parameters must include '{name}'. ");
            missing.iter().map(each).collect::<String>() + "Re-examine the query-string parameters."
        }
        E::MalformedCredential { credential, .. } => format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
        ),
        E::InvalidDate { text, .. } => format!(
            "Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
        ),
        E::UnknownAlgorithm { algorithm, .. } => format!("Unsupported AWS 'algorithm': '{algorithm}'."),
        E::SigV4a => "AWS4-ECDSA-P256-SHA256 signatures are not supported by this endpoint. Use AWS4-HMAC-SHA256.".into(),
        E::TwoMechanisms => "Only one authentication mechanism is allowed per request: the Authorization header or the query-string parameters.".into(),
        E::InvalidExpires(_) => "X-Amz-Expires must be a number of seconds between 0 and 604800.".into(),
        other => format!("The request signature does not conform to AWS standards: {other}."),
    }
}

fn requires(missing: &[&str], authorization: &str) -> String {
    let each = |name: &&str| format!("Authorization header requires '{name}' parameter. ");
    missing.iter().map(each).collect::<String>() + HASHED + &hashed(authorization)
}

const HASHED: &str = "(Hashed with SHA-256 and encoded with Base64) Authorization=";

/// AWS: the header itself isn't repeated, for it may be a working secret of another scheme.
fn hashed(authorization: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(sha256(authorization.as_bytes()))
}

fn does_not_match(mismatch: &Mismatch, style: Style) -> String {
    let short = "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.";
    if style == Style::Query {
        return short.to_owned();
    }
    let Mismatch { canonical_request, string_to_sign, .. } = mismatch;
    let canonical_request = canonical_request.as_deref().unwrap_or_default();
    format!(
        "{short}\n\nThe Canonical String for this request should have been\n'{canonical_request}'\n\n\
         The String-to-Sign should have been\n'{string_to_sign}'\n"
    )
}

fn skewed(date: UnixMillis, now: UnixMillis) -> String {
    let (stamp, server) = (format_timestamp(date), format_timestamp(now));
    let skew = i64::try_from(MAX_SKEW.as_millis()).unwrap_or(0);
    if date > now {
        let latest = format_timestamp(now.plus(MAX_SKEW));
        return format!("Signature not yet current: {stamp} is still later than {latest} ({server} + 15 min.)");
    }
    let earliest = format_timestamp(UnixMillis(now.0.saturating_sub(skew)));
    format!("Signature expired: {stamp} is now earlier than {earliest} ({server} - 15 min.)")
}

fn expired(at: UnixMillis, now: UnixMillis) -> String {
    format!("Signature expired: {} is now earlier than {}", format_timestamp(at), format_timestamp(now))
}

fn bad_scope(error: &ScopeError) -> String {
    match error {
        ScopeError::Date { given, timestamp } => {
            let day = timestamp.get(..8).unwrap_or_default();
            format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{given}' != '{day}', from '{timestamp}'."
            )
        }
        ScopeError::Region { given, .. } => {
            format!("Credential should be scoped to a valid region, not '{given}'. ")
        }
        ScopeError::Service { expected, .. } => {
            format!("Credential should be scoped to correct service: '{expected}'. ")
        }
        ScopeError::Terminator { given } => {
            format!("Credential should be scoped with a valid terminator: 'aws4_request', not '{given}'.")
        }
    }
}
