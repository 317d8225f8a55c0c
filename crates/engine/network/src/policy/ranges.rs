//! Addresses that aren't the internet's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits))
}

const fn v6(address: Ipv6Addr, bits: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(address, bits))
}

const fn groups(a: u16, b: u16, c: u16, d: u16) -> Ipv6Addr {
    Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)
}

/// What functions never reach, whatever is allowed: this machine's inside, its link, everybody at once, and the services
/// by which clouds tell a machine its secrets.
pub(super) const NEVER: &[IpNet] = &[
    v4(0, 0, 0, 0, 8),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(224, 0, 0, 0, 4),
    v4(255, 255, 255, 255, 32),
    v6(Ipv6Addr::UNSPECIFIED, 128),
    v6(Ipv6Addr::LOCALHOST, 128),
    v6(groups(0xfe80, 0, 0, 0), 10),
    v6(groups(0xff00, 0, 0, 0), 8),
    // AWS, by version 6.
    v6(groups(0xfd00, 0xec2, 0, 0), 32),
    // Google, by version 6.
    v6(groups(0xfd20, 0xce, 0, 0), 32),
    // Azure, Oracle and Alibaba have theirs elsewhere.
    v4(168, 63, 129, 16, 32),
    v4(192, 0, 0, 192, 32),
    v4(100, 100, 100, 200, 32),
];

/// IANA's special-purpose addresses that aren't globally reachable, and what is left of old experiments.
pub(super) const PRIVATE: &[IpNet] = &[
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(240, 0, 0, 0, 4),
    v6(groups(0x2001, 0, 0, 0), 23),
    v6(groups(0x2001, 0xdb8, 0, 0), 32),
    v6(groups(0x2002, 0, 0, 0), 16),
    v6(groups(0x3fff, 0, 0, 0), 20),
];

/// Everything of version 6 that is given out lies in here.
pub(super) const GLOBAL_6: IpNet = v6(groups(0x2000, 0, 0, 0), 3);

/// Addresses of version 4 within version 6, reached by a translator.
pub(super) const TRANSLATED: IpNet = v6(groups(0x64, 0xff9b, 0, 0), 96);

pub(super) fn holds(ranges: &[IpNet], address: IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(&address))
}
