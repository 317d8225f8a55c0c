//! What S3 calls accounts by.

use sha2::{Digest as _, Sha256};
use updraft_kernel::{AccountId, hex};

/// The canonical user id of an account: 64 hexadecimal digits, always the same ones.
pub(crate) fn canonical_id(account: &AccountId) -> String {
    hex(&Sha256::digest(format!("canonical user of {account}")))
}

/// What events call the bucket's owner by.
pub(crate) fn principal_id(account: &AccountId) -> String {
    let id = canonical_id(account).to_ascii_uppercase();
    format!("A{}", id.get(..13).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_keeps_its_id() {
        let id = canonical_id(&AccountId::local());
        assert_eq!(id.len(), 64);
        assert_eq!(id, canonical_id(&AccountId::local()));
        assert_ne!(id, canonical_id(&AccountId::parse("111111111111").unwrap()));
    }
}
