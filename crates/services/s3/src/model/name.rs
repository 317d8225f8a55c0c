//! What buckets may be called.

use std::net::Ipv4Addr;

/// AWS: taken by aliases of access points and by other kinds of buckets.
const HEADS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const TAILS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/// Whether a bucket may be called so.
pub(crate) fn is_legal(name: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = || name.bytes();
    (3..=63).contains(&name.len())
        && bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
        && edge(bytes().next())
        && edge(bytes().next_back())
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !HEADS.iter().any(|head| name.starts_with(head))
        && !TAILS.iter().any(|tail| name.ends_with(tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for legal in ["abc", "a-b", "a.b", "1ab", &"a".repeat(63), "my.bucket-1", "300.1.1.1"] {
            assert!(is_legal(legal), "{legal}");
        }
        let long = "a".repeat(64);
        for illegal in ["", "ab", &long, "Abc", "a_b", "-abc", "abc-", ".abc", "a..b", "192.168.5.4", "xn--abc", "é-a"]
        {
            assert!(!is_legal(illegal), "{illegal}");
        }
        for illegal in ["sthree-a", "amzn-s3-demo-a", "a-s3alias", "a--ol-s3", "a.mrap", "a--x-s3", "a--table-s3"] {
            assert!(!is_legal(illegal), "{illegal}");
        }
    }
}
