//! Why a request isn't let in. What each service says about it is in [`to_aws`](crate::to_aws).

use updraft_kernel::UnixMillis;
use updraft_kernel::ports::UnknownKey;

/// Where the signature stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Header,
    Query,
}

/// What is wrong with a presigned URL's `X-Amz-Expires`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiresError {
    NotANumber,
    Negative,
    TooLong,
}

/// Which part of a credential's scope isn't the request's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeError {
    /// The scope's date against the timestamp `YYYYMMDDTHHMMSSZ`.
    Date {
        given: String,
        timestamp: String,
    },
    Region {
        given: String,
        expected: String,
    },
    Service {
        given: String,
        expected: String,
    },
    Terminator {
        given: String,
    },
}

/// What we calculated, so that a client's author can compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    pub access_key_id: String,
    /// Where it isn't UTF-8, with replacement characters. `None`: version 2 has none.
    pub canonical_request: Option<String>,
    pub string_to_sign: String,
    pub provided: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("the request isn't signed")]
    MissingAuthenticationToken,
    /// An `Authorization` header of another kind than AWS4, such as `Basic` or version 2.
    #[error("the authorization header is of an unsupported kind")]
    UnsupportedAuthorization(String),
    #[error("the algorithm {algorithm:?} is unknown")]
    UnknownAlgorithm { algorithm: String, place: Place },
    #[error("SigV4a signatures aren't verified here")]
    SigV4a,
    #[error("the request is signed twice")]
    TwoMechanisms,
    /// Parts that are missing: `Credential`, `SignedHeaders`, `Signature`; the header as sent.
    #[error("the authorization header lacks {}", missing.join(", "))]
    IncompleteHeader { missing: Vec<&'static str>, authorization: String },
    /// The header's parts aren't `name=value`.
    #[error("the authorization header can't be read")]
    MalformedHeader { authorization: String },
    /// Parameters that are missing: `X-Amz-…`.
    #[error("the query lacks {}", missing.join(", "))]
    IncompleteQuery { missing: Vec<&'static str> },
    /// Of version 2.
    #[error("the query lacks {}", missing.join(", "))]
    IncompleteVersion2 { missing: Vec<&'static str> },
    #[error("the expiry {text:?} isn't in seconds")]
    InvalidExpiry { text: String },
    #[error("the credential {credential:?} hasn't five parts")]
    MalformedCredential { credential: String, place: Place },
    #[error("the request has no date")]
    MissingDate { authorization: String },
    #[error("the date {text:?} can't be read")]
    InvalidDate { text: String, place: Place },
    #[error("X-Amz-Expires is not valid")]
    InvalidExpires(ExpiresError),
    #[error("the credential's scope isn't the request's")]
    BadScope(ScopeError),
    #[error("the host isn't signed")]
    HostNotSigned,
    /// S3 wants every `x-amz-` header signed.
    #[error("unsigned headers: {}", names.join(", "))]
    HeadersNotSigned { names: Vec<String> },
    /// A presigned URL after its time. The seconds it was to live, where it says so.
    #[error("the presigned URL has expired")]
    Expired { lifetime: Option<u64>, at: UnixMillis, now: UnixMillis },
    /// Further than [`MAX_SKEW`](crate::MAX_SKEW) from now, in either direction.
    #[error("the request's time is too far from now")]
    TooSkewed { date: UnixMillis, now: UnixMillis },
    #[error("the signature does not match")]
    SignatureDoesNotMatch(Box<Mismatch>),
    /// Lower-case hex of both.
    #[error("the body hasn't the declared hash")]
    PayloadHashMismatch { declared: String, computed: String },
    /// S3 wants `x-amz-content-sha256`.
    #[error("the payload's hash is missing")]
    MissingPayloadHash,
    #[error("the payload's hash {0:?} can't be read")]
    InvalidPayloadHash(String),
    #[error("the access key is unknown")]
    UnknownKey { access_key_id: String },
    #[error("the session token is not valid")]
    InvalidToken,
    #[error("the session has ended")]
    ExpiredToken,
}

impl AuthError {
    /// What the credentials port said about `access_key_id`.
    #[must_use]
    pub fn unknown_key(why: UnknownKey, access_key_id: &str) -> Self {
        match why {
            UnknownKey::KeyId => Self::UnknownKey { access_key_id: access_key_id.to_owned() },
            UnknownKey::Token => Self::InvalidToken,
            UnknownKey::Expired => Self::ExpiredToken,
        }
    }
}
