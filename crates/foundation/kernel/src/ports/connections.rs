//! Calling servers by connections, which know what servers let in: what state machines' HTTP tasks do. Implemented by
//! EventBridge, whose connections they are.

use std::fmt;

use super::web::{WebFailure, WebRequest, WebResponse};
use crate::{Arn, AwsError, BoxFuture};

/// What came of a call by a connection.
#[derive(Clone, Debug)]
pub struct Connected {
    /// With everything that the connection added.
    pub sent: WebRequest,
    pub answer: WebResponse,
}

/// Why a server wasn't called, or didn't answer.
#[derive(Debug)]
pub enum ConnectionFailure {
    /// There is no such connection.
    Missing(String),
    /// It has nothing to call with.
    Unauthorized(String),
    /// Its authorization server gives no token.
    NoToken(String),
    Web(WebFailure),
    /// It may go well later.
    Broken(AwsError),
}

pub trait ConnectionsPort: Send + Sync + fmt::Debug {
    /// Adds what the connection calls with, and sends it once.
    ///
    /// # Errors
    /// If there is no answer.
    fn send(&self, connection: Arn, request: WebRequest) -> BoxFuture<'_, Result<Connected, ConnectionFailure>>;
}
