//! The host's network as it is.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use ipnet::IpNet;
use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::if_nametoindex;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::socket::SockaddrStorage;
use resolv_conf::ScopedIp;
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use updraft_kernel::BoxFuture;

use crate::outside::Outside;

const RESOLV_CONF: &str = "/etc/resolv.conf";
const DNS: u16 = 53;
/// What is usual, should the system not say.
const DESCRIPTORS: u64 = 1024;

/// See [`Outside`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

impl Outside for Host {
    fn connect(&self, to: SocketAddr) -> BoxFuture<'static, io::Result<TcpStream>> {
        Box::pin(async move {
            let stream = TcpStream::connect(to).await?;
            // Whoever sent what is relayed has decided when to send it.
            stream.set_nodelay(true)?;
            Ok(stream)
        })
    }

    fn listen(&self, port: u16) -> io::Result<TcpListener> {
        let socket = TcpSocket::new_v4()?;
        // The same port again, a moment after its last connection.
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        socket.listen(128)
    }

    fn datagrams(&self, to: SocketAddr) -> io::Result<UdpSocket> {
        let any: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = std::net::UdpSocket::bind((any, 0))?;
        socket.connect(to)?;
        socket.set_nonblocking(true)?;
        UdpSocket::from_std(socket)
    }

    fn addresses(&self) -> io::Result<Vec<IpNet>> {
        let network = |interface: InterfaceAddress| {
            let own = address(&interface.address?)?;
            // A mask of the other kind, or none: then it's the address alone.
            let mask = interface.netmask.as_ref().and_then(address);
            let masked = mask.and_then(|mask| IpNet::with_netmask(own, mask).ok());
            Some(masked.unwrap_or_else(|| IpNet::from(own)))
        };
        Ok(getifaddrs()?.filter_map(network).collect())
    }

    fn descriptors(&self) -> usize {
        let (most, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((DESCRIPTORS, DESCRIPTORS));
        usize::try_from(most).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS)
    }

    #[expect(clippy::disallowed_methods, reason = "the host's settings for its resolver change while it runs")]
    fn nameservers(&self) -> io::Result<Vec<SocketAddr>> {
        match std::fs::read(RESOLV_CONF) {
            Ok(text) => Ok(nameservers(&text)),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(nameservers(b"")),
            Err(err) => Err(err),
        }
    }
}

fn address(of: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = of.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
    v4.or_else(|| of.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
}

/// Lines that can't be read are passed over, as resolvers do; without any there is this machine's own.
fn nameservers(text: &[u8]) -> Vec<SocketAddr> {
    let (config, _) = resolv_conf::Config::parse_with_errors(text);
    config.get_nameservers_or_local().into_iter().filter_map(server).collect()
}

fn server(of: ScopedIp) -> Option<SocketAddr> {
    match of {
        ScopedIp::V4(ip) => Some((ip, DNS).into()),
        ScopedIp::V6(ip, None) => Some((ip, DNS).into()),
        ScopedIp::V6(ip, Some(scope)) => {
            let interface = scope.parse().ok().or_else(|| if_nametoindex(scope.as_str()).ok())?;
            Some(SocketAddrV6::new(ip, DNS, 0, interface).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nameservers_are_those_of_the_file_in_its_order() {
        let text = b"# by hand\nsearch example.com\nnameserver 10.0.0.1\nnonsense\nnameserver fe80::1%lo\nnameserver ::1\noptions rotate\n";
        let found: Vec<String> = nameservers(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["10.0.0.1:53", "[fe80::1%1]:53", "[::1]:53"]);
        assert_eq!(nameservers(b"").first(), Some(&"127.0.0.1:53".parse().unwrap()));
    }

    #[test]
    fn the_hosts_addresses_are_known() {
        let addresses = Host.addresses().unwrap();
        assert!(addresses.contains(&"127.0.0.1/8".parse().unwrap()), "{addresses:?}");
    }
}
