//! The policy with what carries it out.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use crate::inside;
use crate::outside::Outside;
use crate::policy::Policy;

/// What functions reach, and how. One for all of them.
#[derive(Clone, Debug)]
pub struct Network {
    policy: Policy,
    outside: Arc<dyn Outside>,
}

impl Network {
    #[must_use]
    pub fn new(policy: Policy, outside: Arc<dyn Outside>) -> Self {
        Self { policy, outside }
    }

    /// Where to listen inside for what of the host's loopback is reached: each at its own address.
    #[must_use]
    pub fn listeners(&self) -> Vec<SocketAddr> {
        self.policy.loopback().collect()
    }

    /// What is added to `/etc/hosts` inside.
    #[must_use]
    pub fn hosts(&self) -> String {
        inside::hosts(&self.policy)
    }

    /// A connection for a program that has no network of its own, to be judged by the same policy: `host` is one of its
    /// names, or an address.
    ///
    /// # Errors
    /// `PermissionDenied` for whatever isn't allowed; else what the system says.
    pub async fn connect(&self, host: &str, port: u16) -> io::Result<TcpStream> {
        let refused =
            || io::Error::new(io::ErrorKind::PermissionDenied, format!("{host}:{port} isn't allowed by name"));
        let to = self.policy.resolve(host, port).ok_or_else(refused)?;
        self.outside.connect(to).await
    }

    /// The other way: whoever on this machine is to reach something inside comes here.
    ///
    /// # Errors
    /// If the port can't be had.
    pub fn listen(&self, port: u16) -> io::Result<TcpListener> {
        self.outside.listen(port)
    }

    /// Relays one connection from inside to where it meant to go, one of [`Self::listeners`], until both have ended it.
    pub async fn carry(&self, mut inside: TcpStream, to: SocketAddr) {
        let relayed = async {
            inside.set_nodelay(true)?;
            let mut outside = self.outside.connect(to).await?;
            let copied = copy_bidirectional(&mut inside, &mut outside).await;
            copied.map(drop).inspect_err(|_| drop(outside.set_zero_linger()))
        };
        if let Err(error) = relayed.await {
            tracing::info!(%to, %error, "a function's connection to the host broke off");
            // An end that looks like one would pass for the answer.
            drop(inside.set_zero_linger());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Host, Reach};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const ANY: &str = "127.0.0.1:0";

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind(ANY).await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (near, listener.accept().await.unwrap().0)
    }

    fn network(to: SocketAddr) -> Network {
        let allowed = vec![format!("it={to}").parse().unwrap()];
        Network::new(Policy::new(Reach::Loopback, allowed, &[]).unwrap(), Arc::new(Host))
    }

    #[tokio::test]
    async fn a_connection_is_carried_both_ways_to_its_end() {
        let server = TcpListener::bind(ANY).await.unwrap();
        let to = server.local_addr().unwrap();
        let network = network(to);
        assert_eq!(network.listeners(), [to]);
        let (mut near, far) = pair().await;
        let talk = async {
            near.write_all(b"question").await.unwrap();
            near.shutdown().await.unwrap();
            let mut answer = String::new();
            near.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let serve = async {
            let (mut stream, _) = server.accept().await.unwrap();
            let mut asked = String::new();
            // To its end: that one side has said everything is carried, too.
            stream.read_to_string(&mut asked).await.unwrap();
            stream.write_all(asked.to_uppercase().as_bytes()).await.unwrap();
        };
        let ((), answer, ()) = tokio::join!(network.carry(far, to), talk, serve);
        assert_eq!(answer, "QUESTION");
    }

    #[tokio::test]
    async fn a_program_without_a_network_reaches_what_is_allowed_by_name_or_address() {
        let server = TcpListener::bind(ANY).await.unwrap();
        let other = TcpListener::bind(ANY).await.unwrap();
        let (to, not) = (server.local_addr().unwrap(), other.local_addr().unwrap());
        let network = network(to);
        for host in ["it", "127.0.0.1", "localhost"] {
            assert_eq!(network.connect(host, to.port()).await.unwrap().peer_addr().unwrap(), to, "{host}");
            let refused = network.connect(host, not.port()).await.unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{host}");
        }
        for host in ["127.0.0.2", "::1", "[::1]", "it.", "example.com", ""] {
            let refused = network.connect(host, to.port()).await.unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{host}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_an_error_and_not_an_end() {
        let server = TcpListener::bind(ANY).await.unwrap();
        let to = server.local_addr().unwrap();
        drop(server);
        let (mut near, far) = pair().await;
        network(to).carry(far, to).await;
        let err = near.read(&mut [0; 9]).await.unwrap_err();
        assert_eq!(err.kind(), std::io::ErrorKind::ConnectionReset);
    }
}
