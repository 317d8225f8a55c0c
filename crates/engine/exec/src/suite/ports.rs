//! Stand-ins for the services that the engine is joined with.

use parking_lot::Mutex;
use tokio::io::{AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use updraft_kernel::ports::{
    CredentialsPort, LogBatch, LogPage, LogQuery, LogsPort, ResolvedKey, SecretKey, SessionCredentials, SessionRequest,
    UnknownKey,
};
use updraft_kernel::{AwsError, BoxFuture, Tasks};

use crate::sink::{ConnectionSink, PeerInfo, Place};

/// Keeps batches in the order they came.
#[derive(Debug, Default)]
pub struct MemoryLogs(Mutex<Vec<LogBatch>>);

impl MemoryLogs {
    /// All messages so far.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        let batches = self.0.lock();
        batches.iter().flat_map(|batch| batch.lines.iter().map(|line| line.message.clone())).collect()
    }
}

impl LogsPort for MemoryLogs {
    fn append(&self, batch: LogBatch) {
        self.0.lock().push(batch);
    }

    fn read<'a>(&'a self, _query: LogQuery) -> BoxFuture<'a, Result<LogPage, AwsError>> {
        Box::pin(std::future::ready(Ok(LogPage::default())))
    }
}

/// Issues credentials that open nothing.
#[derive(Debug)]
pub(super) struct Credentials;

impl CredentialsPort for Credentials {
    fn resolve<'a>(&'a self, _: &'a str, _: Option<&'a str>) -> BoxFuture<'a, Result<ResolvedKey, UnknownKey>> {
        Box::pin(std::future::ready(Err(UnknownKey::KeyId)))
    }

    fn issue(&self, request: SessionRequest) -> SessionCredentials {
        SessionCredentials {
            access_key_id: "ASIASUITE".to_owned(),
            secret: SecretKey("secret".to_owned()),
            session_token: "token".to_owned(),
            expires: request.expires,
        }
    }
}

/// Answers each connection with the name of the function that opened it.
#[derive(Debug)]
pub(super) struct NameTeller(pub(super) Tasks);

impl NameTeller {
    fn tell(&self, mut stream: impl AsyncWrite + Unpin + Send + 'static, peer: PeerInfo, place: Place) {
        self.0.spawn("name teller", async move {
            let _place = place;
            let said = stream.write_all(peer.function.as_bytes()).await;
            assert!(said.is_ok(), "{said:?}");
        });
    }
}

impl ConnectionSink for NameTeller {
    fn connected(&self, stream: TcpStream, peer: PeerInfo, place: Place) {
        self.tell(stream, peer, place);
    }

    fn connected_within(&self, stream: DuplexStream, peer: PeerInfo, place: Place) {
        self.tell(stream, peer, place);
    }
}
