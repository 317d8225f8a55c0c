//! Whether one destination may be reached. Asked for every connection, about the very address that is connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

use super::ranges::{GLOBAL_6, NEVER, PRIVATE, TRANSLATED, holds};
use super::{Allowed, Policy, Reach, is_taken};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("functions never reach this address")]
    Never,
    #[error("this address isn't public, and isn't allowed by name")]
    Private,
    #[error("this is an address of the machine itself, and isn't allowed by name and port")]
    Own,
    #[error("the platform itself listens there")]
    Platform,
    #[error("this address is on a network of the machine's, and isn't allowed by name")]
    Near,
    #[error("mail isn't sent from functions, unless it is allowed by name")]
    Mail,
    #[error("functions have no internet")]
    NoInternet,
}

/// AWS: nothing is sent from functions to this port.
const MAIL: u16 = 25;

impl Policy {
    /// `own`: all addresses that the host has now, with their networks.
    pub(crate) fn judge(&self, protocol: Protocol, to: SocketAddr, own: &[IpNet]) -> Result<(), Refusal> {
        let to = SocketAddr::new(to.ip().to_canonical(), to.port());
        let ip = to.ip();
        if self.reach != Reach::Internet {
            return Err(Refusal::NoInternet);
        }
        if holds(NEVER, ip) || meant(ip).is_some_and(|meant| holds(NEVER, meant)) {
            return Err(Refusal::Never);
        }
        let is_own = own.iter().any(|own| own.addr().to_canonical() == ip);
        if is_own && is_taken(&self.taken, to) {
            return Err(Refusal::Platform);
        }
        // What listens on this machine is meant one by one, never with the range that it is in.
        if self.allowed.iter().any(|allowed| allowed.holds(to) && (allowed.port().is_some() || !is_own)) {
            return Ok(());
        }
        match ip {
            _ if is_own => Err(Refusal::Own),
            _ if !is_public(ip) => Err(Refusal::Private),
            _ if own.iter().any(|own| is_local(own) && own.contains(&ip)) => Err(Refusal::Near),
            _ if protocol == Protocol::Tcp && to.port() == MAIL => Err(Refusal::Mail),
            _ => Ok(()),
        }
    }

    /// Names of single addresses, and what they stand for.
    pub(crate) fn names(&self) -> impl Iterator<Item = (IpAddr, &str)> {
        self.allowed.iter().filter_map(|one: &Allowed| Some((one.port()?.ip(), one.name())))
    }
}

/// Routes to everywhere are written as networks, too.
fn is_local(network: &IpNet) -> bool {
    network.prefix_len() >= if network.addr().is_ipv4() { 8 } else { 32 }
}

fn is_public(ip: IpAddr) -> bool {
    match meant(ip) {
        Some(meant) => !holds(NEVER, meant) && !holds(PRIVATE, meant),
        None => !holds(PRIVATE, ip) && (ip.is_ipv4() || GLOBAL_6.contains(&ip)),
    }
}

/// The address of version 4 that a translator makes of one of version 6.
fn meant(ip: IpAddr) -> Option<IpAddr> {
    match ip {
        IpAddr::V6(ip) if TRANSLATED.contains(&IpAddr::V6(ip)) => Some(IpAddr::V4(low(ip))),
        _ => None,
    }
}

fn low(ip: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = ip.octets();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(allowed: &[&str], to: &str) -> Result<(), Refusal> {
        let allowed = allowed.iter().map(|one| one.parse().unwrap()).collect();
        let policy = Policy::new(Reach::Internet, allowed, &["0.0.0.0:4567".parse().unwrap()]).unwrap();
        let own = ["127.0.0.1/8", "198.41.0.4/24", "10.0.0.2/24", "2600::4/64", "fe80::1/64", "8.8.8.8/1"];
        let own = own.map(|ip| ip.parse().unwrap());
        policy.judge(Protocol::Tcp, to.parse().unwrap(), &own)
    }

    #[test]
    fn public_addresses_are_reached() {
        for to in ["1.1.1.1:443", "93.184.215.14:80", "172.32.0.1:1", "192.1.0.1:1", "[2606:4700::1111]:443"] {
            assert_eq!(judged(&[], to), Ok(()), "{to}");
        }
    }

    #[test]
    fn the_machines_inside_and_its_clouds_secrets_never_are() {
        let everything = ["low=64.0.0.0/2", "high=128.0.0.0/1", "six=8000::/1", "translated=64::/16"];
        for to in [
            "127.0.0.1:80",
            "127.9.9.9:1",
            "0.0.0.0:80",
            "0.1.2.3:80",
            "169.254.169.254:80",
            "169.254.170.2:80",
            "224.0.0.1:1",
            "255.255.255.255:1",
            "168.63.129.16:80",
            "100.100.100.200:80",
            "192.0.0.192:80",
            "[::1]:80",
            "[::]:80",
            "[fe80::1]:80",
            "[ff02::1]:80",
            "[fd00:ec2::254]:80",
            "[fd20:ce::254]:80",
            "[::ffff:127.0.0.1]:80",
            "[::ffff:169.254.169.254]:80",
            "[64:ff9b::7f00:1]:80",
            "[64:ff9b::a9fe:a9fe]:80",
        ] {
            assert_eq!(judged(&[], to), Err(Refusal::Never), "{to}");
            assert_eq!(judged(&everything, to), Err(Refusal::Never), "{to}, allowed");
        }
    }

    #[test]
    fn private_addresses_are_reached_by_name_only() {
        for to in [
            "10.0.0.1:80",
            "100.64.0.1:1",
            "172.16.0.1:1",
            "172.31.255.255:1",
            "192.168.1.1:80",
            "192.0.2.1:1",
            "198.18.0.1:1",
            "203.0.113.9:1",
            "240.0.0.1:1",
            "[fd12::1]:80",
            "[2001:db8::1]:80",
            "[2002:a00:1::]:80",
            "[2001::1]:80",
            "[::10.0.0.1]:80",
            "[::ffff:10.0.0.1]:80",
            "[64:ff9b::a00:1]:80",
            "[64:ff9b:1::1]:80",
            "[fec0::1]:80",
            "[4000::1]:80",
        ] {
            assert_eq!(judged(&[], to), Err(Refusal::Private), "{to}");
        }
        assert_eq!(judged(&["db=10.0.0.1:80"], "10.0.0.1:80"), Ok(()));
        assert_eq!(judged(&["db=10.0.0.1:80"], "[::ffff:10.0.0.1]:80"), Ok(()));
        assert_eq!(judged(&["db=10.0.0.1:80"], "10.0.0.1:81"), Err(Refusal::Private));
        assert_eq!(judged(&["lan=10.0.0.0/16"], "10.0.255.1:81"), Ok(()));
        assert_eq!(judged(&["lan=10.0.0.0/16"], "10.1.0.1:81"), Err(Refusal::Private));
        assert_eq!(judged(&["lan=100.64.0.0/10"], "100.100.100.200:80"), Err(Refusal::Never), "within a range");
        assert_eq!(judged(&["lan=fd00::/8"], "[fd00:ec2::254]:80"), Err(Refusal::Never), "within a range");
    }

    #[test]
    fn the_machines_own_addresses_are_reached_by_name_only() {
        for to in ["198.41.0.4:80", "10.0.0.2:80", "[2600::4]:80", "[::ffff:198.41.0.4]:80"] {
            assert_eq!(judged(&[], to), Err(Refusal::Own), "{to}");
        }
        assert_eq!(judged(&["me=198.41.0.4:80"], "198.41.0.4:80"), Ok(()));
        assert_eq!(judged(&["me=198.41.0.4:80"], "198.41.0.4:81"), Err(Refusal::Own));
        assert_eq!(judged(&["lan=10.0.0.0/8"], "10.0.0.2:80"), Err(Refusal::Own), "not with its range");
        assert_eq!(judged(&["lan=10.0.0.0/8"], "10.0.0.3:80"), Ok(()));
    }

    #[test]
    fn the_platform_never_is() {
        for to in ["198.41.0.4:4567", "[2600::4]:4567", "10.0.0.2:4567"] {
            assert_eq!(judged(&[&format!("me={to}")], to), Err(Refusal::Platform), "{to}");
        }
        assert_eq!(judged(&["other=10.0.0.3:4567"], "10.0.0.3:4567"), Ok(()));
    }

    #[test]
    fn the_machines_neighbours_are_reached_by_name_only() {
        for to in ["198.41.0.5:80", "[2600::5]:80", "[2600::ffff:0:0:1]:80"] {
            assert_eq!(judged(&[], to), Err(Refusal::Near), "{to}");
        }
        for to in ["198.41.1.4:80", "[2600:0:0:1::4]:80", "9.9.9.9:53"] {
            assert_eq!(judged(&[], to), Ok(()), "{to}");
        }
        assert_eq!(judged(&["db=198.41.0.5:80"], "198.41.0.5:80"), Ok(()));
    }

    #[test]
    fn mail_is_not_sent() {
        assert_eq!(judged(&[], "1.1.1.1:25"), Err(Refusal::Mail));
        assert_eq!(judged(&["mx=1.1.1.1:25"], "1.1.1.1:25"), Ok(()));
        let udp = Policy::new(Reach::Internet, Vec::new(), &[]).unwrap();
        assert_eq!(udp.judge(Protocol::Udp, "1.1.1.1:25".parse().unwrap(), &[]), Ok(()));
    }

    #[test]
    fn without_the_internet_there_is_none() {
        for reach in [Reach::None, Reach::Loopback] {
            let policy = Policy::new(reach, Vec::new(), &[]).unwrap();
            assert_eq!(policy.judge(Protocol::Tcp, "1.1.1.1:443".parse().unwrap(), &[]), Err(Refusal::NoInternet));
        }
    }
}
