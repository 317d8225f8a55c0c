//! Addresses and blocks of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses of one family, first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Block {
    first: IpAddr,
    last: IpAddr,
}

impl Block {
    pub(super) fn of(address: IpAddr) -> Self {
        Self { first: address, last: address }
    }

    /// The error is AWS's message.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // AWS: what is empty at the end isn't there, so `10.0.0.0/` has no slash for it.
        let parts: Vec<&str> = text.trim_end_matches('/').split('/').collect();
        let [ip, bits] = parts.as_slice() else { return Err("Malformed CIDR, one '/' required".to_owned()) };
        let bits: i32 = bits.parse().map_err(|_| "Malformed CIDR, mask bits must be an integer".to_owned())?;
        let bits = u32::try_from(bits).map_err(|_| "Malformed CIDR, mask bits must not be negative".to_owned())?;
        match address(ip) {
            Some(IpAddr::V4(_)) if bits > 31 => Err("IPv4 mask bits must be < 32".to_owned()),
            Some(IpAddr::V6(_)) if bits > 127 => Err("IPv6 mask bits must be < 128".to_owned()),
            // AWS: a block begins at the address that is written, whatever its last bits.
            Some(first) => Ok(Self { first, last: last_of(first, bits) }),
            None => Err(format!("Nonstandard IP address: {ip}")),
        }
    }

    /// Both are within.
    pub(super) fn ends(&self) -> (IpAddr, IpAddr) {
        (self.first, self.last)
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        address(text).is_some_and(|address| {
            address.is_ipv4() == self.first.is_ipv4() && (self.first..=self.last).contains(&address)
        })
    }
}

fn last_of(first: IpAddr, bits: u32) -> IpAddr {
    match first {
        IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() | u32::MAX.checked_shr(bits).unwrap_or(0))),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() | u128::MAX.checked_shr(bits).unwrap_or(0))),
    }
}

/// An address as AWS reads it: four decimal numbers, or hexadecimal ones and colons.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let dotted = |c: char| c.is_ascii_digit() || c == '.';
    if text.chars().all(dotted) {
        return four(text).map(IpAddr::V4);
    }
    let hexadecimal = |c: char| c.is_ascii_hexdigit() || c == ':';
    let ip: Ipv6Addr = text.chars().all(hexadecimal).then(|| text.parse().ok())??;
    Some(ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4))
}

/// Leading zeros are allowed, and mean nothing.
fn four(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<u8> = text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    <[u8; 4]>::try_from(parts).ok().map(Ipv4Addr::from)
}
