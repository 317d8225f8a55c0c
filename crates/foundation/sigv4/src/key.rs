//! Signing keys, and a small cache of them: deriving one takes four HMACs, and a client uses one all day.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use updraft_kernel::ports::SecretKey;

use crate::hex::{hmac, hmac_matches, to_hex};
use crate::scope::Scope;

/// A secret, bound to one day, region and service.
#[derive(Clone)]
pub struct SigningKey([u8; 32]);

impl SigningKey {
    #[must_use]
    pub fn derive(secret: &SecretKey, scope: &Scope) -> Self {
        let seed = format!("AWS4{}", secret.0);
        let parts = [&scope.date, &scope.region, &scope.service, &scope.terminator];
        let chain = parts.iter().fold(seed.into_bytes(), |key, part| hmac(&key, part.as_bytes()).to_vec());
        let mut key = [0; 32];
        key.iter_mut().zip(chain).for_each(|(to, from)| *to = from);
        Self(key)
    }

    /// Lower-case hex.
    #[must_use]
    pub fn sign(&self, string_to_sign: &str) -> String {
        to_hex(&hmac(&self.0, string_to_sign.as_bytes()))
    }

    /// In constant time.
    #[must_use]
    pub fn matches(&self, string_to_sign: &str, signature: &str) -> bool {
        hmac_matches(&self.0, string_to_sign.as_bytes(), signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

type CacheKey = (String, Scope);

/// Derived keys by key id and scope; the oldest leaves when it is full.
pub struct KeyCache {
    capacity: usize,
    inner: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    keys: HashMap<CacheKey, (SecretKey, SigningKey)>,
    order: VecDeque<CacheKey>,
}

impl KeyCache {
    /// `capacity` keys at most, and at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), inner: Mutex::default() }
    }

    /// The key of `access_key_id` for `scope`. An entry made from another secret (the key was replaced) isn't used.
    pub fn get(&self, access_key_id: &str, secret: &SecretKey, scope: &Scope) -> SigningKey {
        let name = (access_key_id.to_owned(), scope.clone());
        if let Some((of, key)) = self.entries().keys.get(&name)
            && of == secret
        {
            return key.clone();
        }
        let key = SigningKey::derive(secret, scope);
        self.entries().insert(name, (secret.clone(), key.clone()), self.capacity);
        key
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn insert(&mut self, name: CacheKey, entry: (SecretKey, SigningKey), capacity: usize) {
        if self.keys.insert(name.clone(), entry).is_none() {
            self.order.push_back(name);
        }
        while self.keys.len() > capacity {
            let Some(oldest) = self.order.pop_front() else { break };
            self.keys.remove(&oldest);
        }
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCache").field("keys", &self.entries().keys.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS's documentation of how a signing key is derived shows this one.
    #[test]
    fn the_documented_key_is_derived() {
        let secret = SecretKey("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into());
        let key = SigningKey::derive(&secret, &Scope::new("20120215", "us-east-1", "iam"));
        assert_eq!(to_hex(&key.0), "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
    }

    #[test]
    fn the_cache_stays_small_and_notices_a_new_secret() {
        let cache = KeyCache::new(2);
        let (old, new) = (SecretKey("old".into()), SecretKey("new".into()));
        let scope = |day: &str| Scope::new(day, "eu-west-1", "s3");
        for day in ["20150101", "20150102", "20150103"] {
            cache.get("AKID", &old, &scope(day));
        }
        assert_eq!(cache.entries().keys.len(), 2);
        assert_eq!(
            cache.get("AKID", &new, &scope("20150103")).sign(""),
            SigningKey::derive(&new, &scope("20150103")).sign("")
        );
        assert_eq!(cache.entries().keys.len(), 2);
        assert_eq!(cache.entries().order.len(), 2);
    }
}
