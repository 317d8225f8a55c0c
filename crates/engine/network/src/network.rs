//! The policy with what carries it out.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use parking_lot::Mutex;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use updraft_kernel::{BoxFuture, Clock, Rng, RngExt};

use crate::inside::{self, DNS, Interface};
use crate::outside::Outside;
use crate::policy::{Policy, Protocol, Refusal};
use crate::tunnel::{Link, Tunnel};

/// What the host says about itself is asked for anew after this long.
const FRESH: Duration = Duration::from_secs(1);

/// Which part of the platform's descriptors may be sockets of tunnels.
const SHARE: usize = 2;

/// A socket's right to be. It ends with it.
pub(crate) type Place = OwnedSemaphorePermit;

/// What functions reach, and how. One for all of them.
#[derive(Debug)]
pub struct Network {
    policy: Policy,
    pub(crate) outside: Arc<dyn Outside>,
    pub(crate) clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    /// Sockets outside, of all tunnels together: else one function could leave none for the platform.
    places: Arc<Semaphore>,
    /// Monotonic: when that was.
    seen: Mutex<Option<(Duration, Arc<Seen>)>>,
}

/// What a sandbox with a tunnel has inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    pub interface: Interface,
    /// The content of `/etc/resolv.conf`.
    pub resolv_conf: String,
}

/// What the host said about itself.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// `None`: it couldn't be found out, and nothing is let through.
    addresses: Option<Vec<IpNet>>,
    pub(crate) nameservers: Vec<SocketAddr>,
}

impl Seen {
    /// Whether there is an address of version 6 that isn't its link's only.
    fn has_6(&self) -> bool {
        let reaches = |ip: IpAddr| matches!(ip, IpAddr::V6(ip) if !ip.is_loopback() && !ip.is_unicast_link_local());
        self.addresses.iter().flatten().any(|network| reaches(network.addr()))
    }
}

impl Network {
    #[must_use]
    pub fn new(policy: Policy, outside: Arc<dyn Outside>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        let places = Arc::new(Semaphore::new(outside.descriptors() / SHARE));
        Self { policy, outside, clock, rng, places, seen: Mutex::default() }
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
        // Not everything that has a name is let through; loopback's names are.
        if !to.ip().is_loopback() {
            self.judge(Protocol::Tcp, to)
                .map_err(|refusal| io::Error::new(io::ErrorKind::PermissionDenied, refusal))?;
        }
        self.outside.connect(to).await
    }

    /// The other way: whoever on this machine is to reach something inside comes here.
    ///
    /// # Errors
    /// If the port can't be had.
    pub fn listen(&self, port: u16) -> io::Result<TcpListener> {
        self.outside.listen(port)
    }

    /// The tunnel that sandboxes are to have, if they are.
    #[must_use]
    pub fn tunnel(&self) -> Option<Inside> {
        let mut interface = self.policy.interface()?;
        // Programs try what they have an address for, some of them nothing else.
        interface.address_6 = interface.address_6.filter(|_| self.seen().has_6());
        Some(Inside { interface, resolv_conf: inside::resolv_conf() })
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

    /// Serves the other end of one sandbox's tunnel, until it is gone.
    pub async fn serve(self: Arc<Self>, link: impl Link) {
        let seed = self.rng.u64();
        let mut tunnel = Tunnel::new(self, link, seed);
        std::future::poll_fn(|cx| tunnel.poll(cx)).await;
    }

    /// Whom to talk to for one of the inside's destinations: itself, or for the resolver one of the host's, best first.
    pub(crate) fn judge(&self, protocol: Protocol, to: SocketAddr) -> Result<Vec<SocketAddr>, Refusal> {
        let seen = self.seen();
        if to == DNS {
            return Ok(seen.nameservers.clone());
        }
        let own = seen.addresses.as_ref().ok_or(Refusal::Own)?;
        self.policy.judge(protocol, to, own).map(|()| vec![to])
    }

    /// `None`: there are too many sockets already.
    pub(crate) fn place(&self) -> Option<Place> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// A connection to the first of these that takes one.
    pub(crate) fn connect_any(&self, to: Vec<SocketAddr>) -> BoxFuture<'static, io::Result<TcpStream>> {
        let outside = Arc::clone(&self.outside);
        Box::pin(async move {
            let mut failed = io::ErrorKind::AddrNotAvailable.into();
            for to in to {
                match outside.connect(to).await {
                    Ok(stream) => return Ok(stream),
                    Err(error) => failed = error,
                }
            }
            Err(failed)
        })
    }

    pub(crate) fn seen(&self) -> Arc<Seen> {
        let now = self.clock.monotonic();
        let mut seen = self.seen.lock();
        if let Some((at, known)) = &*seen
            && now.saturating_sub(*at) < FRESH
        {
            return Arc::clone(known);
        }
        let fresh = Arc::new(self.look());
        *seen = Some((now, Arc::clone(&fresh)));
        fresh
    }

    fn look(&self) -> Seen {
        let failed = |error: &std::io::Error| tracing::warn!(%error, "the host's network can't be seen");
        let addresses = self.outside.addresses().inspect_err(failed).ok();
        Seen { addresses, nameservers: self.outside.nameservers().inspect_err(failed).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::{OsRng, SystemClock};

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
        let policy = Policy::new(Reach::Loopback, allowed, &[]).unwrap();
        Network::new(policy, Arc::new(Host), Arc::new(SystemClock::new()), Arc::new(OsRng))
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
