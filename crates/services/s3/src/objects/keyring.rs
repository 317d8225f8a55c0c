//! Keys of bodies, and the keys that those are kept under.
//!
//! A body's key is random. It lies in the row of what it belongs to, wrapped: encrypted under a key made for this purpose
//! from the installation's own, or from the one that a client brings and that is kept nowhere.

use std::fmt;
use std::sync::{Arc, OnceLock};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use updraft_kernel::ports::SecretsPort;
use updraft_kernel::{AwsError, Rng};

use super::cipher::{Broken, DataKey};
use super::row::WrappedKey;

/// The installation's key by its number, of which there is one so far.
const NUMBER: u32 = 1;
const NAME: &str = "s3-objects-1";
const PURPOSE: &[u8] = b"updraft s3 body key";

/// 256 bits that other keys are wrapped with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Master([u8; 32]);

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Master")
    }
}

impl Master {
    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key of which it is made only for this salt, so that the nonce may be the same always.
    fn derived(&self, salt: &[u8; 16]) -> Result<LessSafeKey, Broken> {
        let prk = Salt::new(HKDF_SHA256, salt).extract(&self.0);
        let okm = prk.expand(&[PURPOSE], &AES_256_GCM).map_err(|_| Broken)?;
        Ok(LessSafeKey::new(UnboundKey::from(okm)))
    }

    /// A new key, and how it is kept.
    ///
    /// # Errors
    /// Never.
    pub(crate) fn new_key(&self, rng: &dyn Rng, master: Option<u32>) -> Result<(DataKey, WrappedKey), Broken> {
        let (mut salt, mut key) = ([0; 16], [0; 32]);
        rng.fill(&mut salt);
        rng.fill(&mut key);
        let data = DataKey::new(&key)?;
        let tag = self.derived(&salt)?.seal_in_place_separate_tag(zero(), Aad::empty(), &mut key);
        let tag = tag.map_err(|_| Broken)?.as_ref().try_into().map_err(|_| Broken)?;
        Ok((data, WrappedKey { master, salt, key, tag }))
    }

    /// # Errors
    /// If it was wrapped with another.
    pub(crate) fn unwrap(&self, wrapped: &WrappedKey) -> Result<DataKey, Broken> {
        let mut sealed = [wrapped.key.as_slice(), &wrapped.tag].concat();
        let key = self.derived(&wrapped.salt)?.open_in_place(zero(), Aad::empty(), &mut sealed);
        DataKey::new((&*key.map_err(|_| Broken)?).try_into().map_err(|_| Broken)?)
    }
}

fn zero() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// The installation's keys: on all nodes the same, and part of every backup, which nobody could read otherwise.
#[derive(Debug)]
pub(crate) struct Keyring {
    secrets: Arc<dyn SecretsPort>,
    rng: Arc<dyn Rng>,
    known: OnceLock<Master>,
}

impl Keyring {
    pub(crate) fn new(secrets: Arc<dyn SecretsPort>, rng: Arc<dyn Rng>) -> Self {
        Self { secrets, rng, known: OnceLock::new() }
    }

    /// What new keys are wrapped with, and its number.
    ///
    /// # Errors
    /// If it can't be had.
    pub(crate) async fn newest(&self) -> Result<(&Master, u32), AwsError> {
        if self.known.get().is_none() {
            let mut fresh = vec![0; 32];
            self.rng.fill(&mut fresh);
            let kept = self.secrets.keep(NAME, fresh).await?;
            let kept = kept.try_into().map_err(|_| AwsError::internal("the key of objects isn't one"))?;
            self.known.get_or_init(|| Master(kept));
        }
        self.known.get().map(|master| (master, NUMBER)).ok_or_else(|| AwsError::internal("there is no key of objects"))
    }

    /// The one of that number.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) async fn numbered(&self, number: u32) -> Result<&Master, AwsError> {
        let (master, newest) = self.newest().await?;
        if number == newest { Ok(master) } else { Err(AwsError::internal("a key of objects is unknown here")) }
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::SeededRng;

    use super::*;

    #[test]
    fn a_key_is_unwrapped_by_what_it_was_wrapped_with() {
        let (one, other) = (Master::new([1; 32]), Master::new([2; 32]));
        let (key, wrapped) = one.new_key(&SeededRng::new(1), Some(1)).unwrap();
        let sealed = key.seal_small(b"abc").unwrap();
        assert_eq!(one.unwrap(&wrapped).unwrap().open_small(&sealed).unwrap(), "abc");
        assert!(other.unwrap(&wrapped).is_err());
        let changed = WrappedKey { salt: [0; 16], ..wrapped };
        assert!(one.unwrap(&changed).is_err());
    }

    /// On disks: may never change.
    #[test]
    fn golden_wrapping() {
        let wrapped = WrappedKey { master: Some(1), salt: [3; 16], key: [0; 32], tag: [0; 16] };
        let derived = Master::new([1; 32]).derived(&wrapped.salt).unwrap();
        let mut key = [5; 32];
        let tag = derived.seal_in_place_separate_tag(zero(), Aad::empty(), &mut key).unwrap();
        assert_eq!(updraft_kernel::hex(&key), "f5d89c3d87453778c8466dba1f661652c31f5a93d9978920b0a88925402d1d06");
        assert_eq!(updraft_kernel::hex(tag.as_ref()), "09df24997bdb762ab9aff4fc25897087");
    }
}
