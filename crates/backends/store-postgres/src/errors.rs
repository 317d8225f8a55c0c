//! What the database's errors mean.

use tokio_postgres::error::{Severity, SqlState};
use updraft_store::StoreError;

/// An error with a sentence about what to do.
#[derive(Debug, thiserror::Error)]
#[error("{advice}")]
struct Advice {
    advice: String,
    #[source]
    source: tokio_postgres::Error,
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Another transaction was first; run again.
    Conflict,
    /// The connection is gone: if a commit was under way, it may or may not be there.
    Lost(tokio_postgres::Error),
    /// Something was added to a value that is no counter.
    NotACounter,
    /// Certainly not done.
    Refused(StoreError),
}

impl Failure {
    /// The error of a request that can't have changed anything.
    pub(crate) fn harmless(self) -> StoreError {
        match self {
            Self::Conflict => StoreError::Conflict,
            Self::Lost(err) => {
                let text = if only_reads(&err) { STANDBY } else { "the connection to the database was lost" };
                StoreError::unavailable(advice(text, err))
            }
            Self::NotACounter => StoreError::engine("a read failed as if it had added to a counter"),
            Self::Refused(err) => err,
        }
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(err: tokio_postgres::Error) -> Self {
        let Some(db) = err.as_db_error() else { return Self::Lost(err) };
        let fatal = matches!(db.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
        let code = db.code().clone();
        let counter = db.constraint() == Some("counters_have_eight_bytes");
        // A connection to a server that was made a standby is of no more use than a dead one.
        if fatal || only_reads(&err) || code == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN {
            Self::Lost(err)
        } else if is_conflict(&code) {
            Self::Conflict
        } else if code == SqlState::CHECK_VIOLATION && counter {
            Self::NotACounter
        } else {
            Self::Refused(refused(&code, err))
        }
    }
}

const STANDBY: &str = "the database only reads: it is a standby, or was made read-only";

fn only_reads(err: &tokio_postgres::Error) -> bool {
    err.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION)
}

fn is_conflict(code: &SqlState) -> bool {
    [&SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::T_R_DEADLOCK_DETECTED, &SqlState::LOCK_NOT_AVAILABLE]
        .contains(&code)
}

fn refused(code: &SqlState, err: tokio_postgres::Error) -> StoreError {
    if *code == SqlState::DISK_FULL {
        return StoreError::Full(advice("the database's disk is full", err).into());
    }
    let passing = [
        (&SqlState::QUERY_CANCELED, "the database cancelled a request that took too long"),
        (
            &SqlState::OUT_OF_MEMORY,
            "the database ran out of memory; if it names locks, raise max_pred_locks_per_transaction",
        ),
        (
            &SqlState::TOO_MANY_CONNECTIONS,
            "the database has no connection left; raise its max_connections (32 for each node)",
        ),
        (&SqlState::CANNOT_CONNECT_NOW, "the database is starting or stopping"),
    ];
    match passing.iter().find(|(passes, _)| *passes == code) {
        Some((_, text)) => StoreError::unavailable(advice(text, err)),
        None if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            let text = "the database doesn't allow that to this user; make the schema for it, or grant it CREATE on the database";
            StoreError::engine(advice(text, err))
        }
        None => StoreError::engine(err),
    }
}

fn advice(text: &str, source: tokio_postgres::Error) -> Advice {
    Advice { advice: text.to_owned(), source }
}

/// Why no connection could be made, in words for whoever has to mend it. What passes by itself is `Unavailable`.
pub(crate) fn not_connected(server: &str, err: tokio_postgres::Error) -> StoreError {
    let lasting = match err.code() {
        Some(code) if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "refused the user; check user and password in the store's URL"
        }
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => {
            "isn't there; make it with CREATE DATABASE, or name another in the store's URL"
        }
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            "doesn't allow this user to connect; grant it CONNECT on the database"
        }
        Some(code) => return refused(&code.clone(), err),
        None => return StoreError::unavailable(advice(&format!("{server} can't be reached: {}", root(&err)), err)),
    };
    StoreError::engine(advice(&format!("{server} {lasting}"), err))
}

/// The innermost cause, which says most.
fn root(err: &tokio_postgres::Error) -> String {
    let mut cause: &dyn std::error::Error = err;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
