//! The forms of key ids, secrets and role ids, and how they come of the master key.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use updraft_kernel::ports::SecretKey;
use updraft_kernel::{AccountId, Rng, RngExt};

/// RFC 4648's base 32, which AWS's ids are written in.
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Thirty-two bytes from which every session's secret and seal come. Its `Debug` doesn't show them.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Forty characters, as AWS's secrets have.
    pub(super) fn secret_of(&self, access_key_id: &str) -> SecretKey {
        let bytes = self.mac("secret", access_key_id.as_bytes()).finalize().into_bytes();
        SecretKey(STANDARD.encode(bytes.get(..30).unwrap_or_default()))
    }

    /// `purpose` keeps one use's results from being another's.
    pub(super) fn mac(&self, purpose: &str, message: &[u8]) -> Hmac<Sha256> {
        let mut mac = keyed(&self.0);
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(message);
        mac
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    Hmac::new_from_slice(key).expect("any length will do")
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// The key of an account's root that `updraft init` makes.
#[derive(Clone, Debug)]
pub struct RootKey {
    pub account: AccountId,
    /// `AKIA…`.
    pub access_key_id: String,
    pub secret: SecretKey,
}

impl RootKey {
    /// A new one.
    #[must_use]
    pub fn generate(account: AccountId, rng: &dyn Rng) -> Self {
        let mut secret = [0; 30];
        rng.fill(&mut secret);
        let access_key_id = key_id("AKIA", &account, rng);
        Self { account, access_key_id, secret: SecretKey(STANDARD.encode(secret)) }
    }
}

pub(super) fn session_key_id(account: &AccountId, rng: &dyn Rng) -> String {
    key_id(super::SESSION_PREFIX, account, rng)
}

/// AWS: the account's number stands in a key id (in base 32, from its second bit on), and tools read it there.
fn key_id(prefix: &str, account: &AccountId, rng: &dyn Rng) -> String {
    let number: u128 = account.as_str().parse().unwrap_or_default();
    let bits = (1 << 79) | (number << 39) | u128::from(rng.below(1 << 39));
    prefix.to_owned() + &base32(bits, 16)
}

/// The last `len` digits of `bits`.
fn base32(bits: u128, len: u32) -> String {
    let digit = |i: u32| usize::try_from((bits >> (5 * i)) & 31).ok().and_then(|at| BASE32.as_bytes().get(at));
    (0..len).rev().filter_map(digit).map(|b| char::from(*b)).collect()
}

/// Without IAM a role is its name, so its id is derived from that: the same role has the same id each time.
pub(crate) fn role_id(account: &AccountId, role: &str) -> String {
    let mut mac = keyed(account.as_str().as_bytes());
    mac.update(role.as_bytes());
    let hash = mac.finalize().into_bytes();
    let bits = hash.iter().take(11).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    "AROA".to_owned() + &base32(bits, 17)
}

/// The last part of `role/path/name`.
pub(super) fn role_name(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or(resource)
}

#[cfg(test)]
mod tests {
    use updraft_kernel::SeededRng;

    use super::*;

    /// As tools recover the account of a key id.
    fn account_in(key_id: &str) -> u64 {
        let bits = key_id[4..].bytes().fold(0_u128, |bits, c| bits << 5 | BASE32.find(char::from(c)).unwrap() as u128);
        u64::try_from((bits >> 32 & 0x7fff_ffff_ff80) >> 7).unwrap()
    }

    #[test]
    fn a_key_id_tells_its_account() {
        for account in ["000000000000", "123456789012", "999999999999"] {
            let root = RootKey::generate(AccountId::parse(account).unwrap(), &SeededRng::new(3));
            assert_eq!(root.access_key_id.len(), 20);
            assert_eq!(account_in(&root.access_key_id), account.parse::<u64>().unwrap());
            assert_eq!(root.secret.0.len(), 40);
        }
    }

    #[test]
    fn secrets_are_of_their_key_and_master() {
        let (one, two) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        assert_eq!(one.secret_of("ASIA1").0.len(), 40);
        assert_eq!(one.secret_of("ASIA1"), one.secret_of("ASIA1"));
        assert_ne!(one.secret_of("ASIA1"), one.secret_of("ASIA2"));
        assert_ne!(one.secret_of("ASIA1"), two.secret_of("ASIA1"));
    }

    #[test]
    fn a_role_keeps_its_id() {
        let account = AccountId::local();
        assert_eq!(role_id(&account, "a"), role_id(&account, "a"));
        assert_ne!(role_id(&account, "a"), role_id(&account, "b"));
        assert_eq!(role_id(&account, "a").len(), 21);
        assert_eq!(role_name("role/service/path/name"), "name");
    }
}
