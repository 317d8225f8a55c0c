//! One operation, one file.

pub(crate) mod assume_role;
pub(crate) mod get_caller_identity;
pub(crate) mod get_session_token;

use std::time::Duration;

use updraft_api_sts::types::Credentials;
use updraft_kernel::ports::SessionCredentials;

/// What the tables have checked to be positive.
fn seconds(count: i32) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(0))
}

fn wire(session: SessionCredentials) -> Credentials {
    Credentials {
        access_key_id: session.access_key_id,
        secret_access_key: session.secret.0,
        session_token: session.session_token,
        expiration: session.expires,
    }
}
