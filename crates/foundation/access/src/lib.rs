//! What becomes known of requests to buckets: told by the edge, which sees them, to S3, which keeps the logs that their owners
//! ask for. A port between those two alone; it must never know how logs are written.

use std::borrow::Cow;
use std::fmt::Debug;
use std::net::IpAddr;
use std::time::Duration;

use updraft_kernel::{Identity, SignedBy, UnixMillis};

/// A request that is over.
#[derive(Clone, Debug)]
pub struct Access {
    pub bucket: String,
    /// Of an object, where it was for one.
    pub key: Option<String>,
    pub request_id: String,
    /// The operation that it turned out to be; `-`: none.
    pub operation: &'static str,
    pub method: String,
    /// Path and query, as they came, and the protocol: `/b/k?acl HTTP/1.1`.
    pub target: String,
    pub host: Option<String>,
    pub referer: Option<String>,
    pub user_agent: Option<String>,
    /// Bucket and key of what was copied.
    pub copied_from: Option<(String, String)>,
    /// When it came.
    pub at: UnixMillis,
    pub source_ip: Option<IpAddr>,
    /// `None`: nobody, or it couldn't be proved who.
    pub requester: Option<Identity>,
    pub signed: Option<AccessSignature>,
    pub status: u16,
    /// The code of the error that it was answered with.
    pub error: Option<Cow<'static, str>>,
    /// Bytes of the answer's body that were taken.
    pub sent: u64,
    /// Of the object that was read or written.
    pub size: Option<u64>,
    pub version_id: Option<String>,
    /// From its head to the last byte of its answer.
    pub took: Duration,
    /// From its head to the head of its answer.
    pub turned: Duration,
}

/// How a request says it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessSignature {
    /// 2 or 4.
    pub version: u8,
    pub by: SignedBy,
}

/// Who keeps the logs.
pub trait AccessPort: Send + Sync + Debug {
    /// Whether it could be that the bucket has a log: where not, nobody needs to be told what is asked of it.
    fn wants(&self, bucket: &str) -> bool {
        let _ = bucket;
        true
    }

    /// Returns at once: nobody waits for a log.
    fn over(&self, access: Access);
}
