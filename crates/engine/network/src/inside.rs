//! What functions see of their network.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::policy::Policy;

/// The interface of the tunnel, as functions see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interface {
    pub address: Ipv4Addr,
    /// `None`: the host has none either, and programs are to see that at once.
    pub address_6: Option<Ipv6Addr>,
    /// The largest packet, in bytes.
    pub mtu: u16,
}

/// Addresses of links, which lead nowhere on the host: so that they never hide one that functions may reach. AWS: the same.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 76, 1);
const RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 78, 1);
/// RFC 4193, with digits drawn once.
const ADDRESS_6: Ipv6Addr = Ipv6Addr::new(0xfd75, 0x7064, 0x7261, 0x6674, 0, 0, 0, 1);
/// As large as can be: packets never leave the machine, so that each costs as little for its bytes as it may, and a
/// datagram is never cut.
pub(crate) const MTU: u16 = u16::MAX;
/// Where the stack answers for the host's resolver.
pub(crate) const DNS: SocketAddr = SocketAddr::new(IpAddr::V4(RESOLVER), 53);

pub(crate) const INTERFACE: Interface = Interface { address: ADDRESS, address_6: Some(ADDRESS_6), mtu: MTU };

/// The lines of `/etc/hosts` for what is allowed by name.
pub(crate) fn hosts(policy: &Policy) -> String {
    let names: BTreeSet<(IpAddr, &str)> = policy.names().collect();
    names.into_iter().map(|(address, name)| format!("{address} {name}\n")).collect()
}

/// What `/etc/resolv.conf` says. AWS: the same options.
pub(crate) fn resolv_conf() -> String {
    format!("nameserver {RESOLVER}\noptions timeout:1 attempts:5\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reach;

    #[test]
    fn names_stand_for_their_addresses_once() {
        let allowed = ["db=127.0.0.1:5432", "lan=10.0.0.0/8", "api=[fd12::1]:80", "db=127.0.0.1:5433"];
        let allowed = allowed.iter().map(|one| one.parse().unwrap()).collect();
        let policy = Policy::new(Reach::Internet, allowed, &[]).unwrap();
        assert_eq!(hosts(&policy), "127.0.0.1 db\nfd12::1 api\n");
    }
}
