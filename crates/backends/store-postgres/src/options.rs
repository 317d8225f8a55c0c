//! What can be set beside the URL.

use std::time::Duration;

/// Settings of a [`PostgresStore`](crate::PostgresStore).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresOptions {
    /// The schema that holds everything; made if it isn't there. Lower-case letters, digits and `_`.
    pub schema: String,
    /// Connections at most for transactions that read.
    pub connections: usize,
    /// Connections of the group committer, which carries out the transactions that only write.
    pub lanes: usize,
    /// How long a transaction waits for a free connection.
    pub wait: Duration,
    /// How long one attempt to connect may take.
    pub connect: Duration,
    /// How long an answer may take before the connection counts as lost: a server that hangs keeps it open for ever.
    /// Longer than a statement may take, which the server itself ends after [`Limits::txn_age`](updraft_store::Limits).
    pub answer: Duration,
    /// How long the outcome of a commit is looked for whose connection was lost.
    pub doubt: Duration,
    /// Everything watched is looked at again after this time, for wake-ups that were missed.
    pub poll: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            schema: "updraft".to_owned(),
            connections: 16,
            lanes: 4,
            wait: Duration::from_secs(10),
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(35),
            doubt: Duration::from_secs(10),
            poll: Duration::from_secs(2),
        }
    }
}
