//! Which addresses may be connected to.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;

/// How far the platform's own requests go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Also to this machine and to private networks: for a platform that only this machine can talk to.
    Anywhere,
    /// To what is public, as AWS's own: whoever may subscribe is not to see what only the host can.
    Public,
}

/// What isn't public: this machine, private and shared networks, links, multicast, and what is kept for documents,
/// tests, translation and the future.
const PRIVATE: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "::/128",
    "::1/128",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

static NETWORKS: LazyLock<Vec<IpNet>> =
    LazyLock::new(|| PRIVATE.iter().filter_map(|network| network.parse().ok()).collect());

impl Reach {
    pub(crate) fn includes(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self == Self::Anywhere || !NETWORKS.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_is_one() {
        assert_eq!(NETWORKS.len(), PRIVATE.len());
    }

    #[test]
    fn only_what_is_public_is_public() {
        for public in ["8.8.8.8", "100.63.0.1", "172.32.0.1", "2606:4700::1111"] {
            assert!(Reach::Public.includes(public.parse().unwrap()), "{public}");
        }
        for private in ["100.64.0.1", "172.31.0.1", "255.255.255.255", "::ffff:127.0.0.1", "fd00::1", "::"] {
            assert!(!Reach::Public.includes(private.parse().unwrap()), "{private}");
            assert!(Reach::Anywhere.includes(private.parse().unwrap()), "{private}");
        }
    }
}
