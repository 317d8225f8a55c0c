//! What functions see of their network.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::policy::Policy;

/// The lines of `/etc/hosts` for what is allowed by name.
pub(crate) fn hosts(policy: &Policy) -> String {
    let names: BTreeSet<(IpAddr, &str)> = policy.names().collect();
    names.into_iter().map(|(address, name)| format!("{address} {name}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reach;

    #[test]
    fn names_stand_for_their_addresses_once() {
        let allowed = ["db=127.0.0.1:5432", "db=127.0.0.1:5433", "api=[::1]:80"];
        let allowed = allowed.iter().map(|one| one.parse().unwrap()).collect();
        let policy = Policy::new(Reach::Loopback, allowed, &[]).unwrap();
        assert_eq!(hosts(&policy), "127.0.0.1 db\n::1 api\n");
    }
}
