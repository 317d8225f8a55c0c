//! Where services' secrets lie: in the store, so that all nodes have the same.
//!
//! There are two places: secrets that no backup holds, and keys, which are part of the state as what they encrypt is: a
//! backup without them could be read by nobody.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::ports::SecretsPort;
use updraft_kernel::{AwsError, BoxFuture};
use updraft_store::{Key, KeyBuilder, KeyRange, Row, Store, StoreError, StoreExt, run, tags};

/// `(platform, "vault", name)`.
#[derive(Debug)]
struct VaultKey<'a> {
    place: Place,
    name: &'a str,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Secrets,
    Keys,
}

#[derive(Clone, Serialize, Deserialize)]
struct VaultRow {
    secret: Vec<u8>,
}

impl Row for VaultRow {
    const VERSION: u8 = 1;
}

impl Place {
    fn key(self) -> KeyBuilder {
        KeyBuilder::new(tags::PLATFORM).str(match self {
            Self::Secrets => "vault",
            Self::Keys => "keys",
        })
    }
}

impl Key for VaultKey<'_> {
    type Row = VaultRow;
    fn encode(&self) -> Bytes {
        self.place.key().str(self.name).build()
    }
}

/// All secrets: no backup holds them.
pub(crate) fn rows() -> KeyRange {
    Place::Secrets.key().prefix_range()
}

/// See [`SecretsPort`].
#[derive(Debug)]
pub(crate) struct Vault {
    store: Arc<dyn Store>,
    place: Place,
}

impl Vault {
    /// Of what isn't part of the state.
    pub(crate) fn of_secrets(store: Arc<dyn Store>) -> Self {
        Self { store, place: Place::Secrets }
    }

    /// Of what the state is of no use without, such as what encrypts it, and goes where it goes.
    pub(crate) fn of_keys(store: Arc<dyn Store>) -> Self {
        Self { store, place: Place::Keys }
    }

    fn key<'a>(&self, name: &'a str) -> VaultKey<'a> {
        VaultKey { place: self.place, name }
    }

    async fn first(&self, name: &str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let fresh = &VaultRow { secret: fresh };
        let kept = run(&*self.store, |mut tx| async move {
            if let Some(row) = tx.row(&self.key(name)).await? {
                return Ok::<_, StoreError>(row);
            }
            tx.put_row(&self.key(name), fresh)?;
            tx.commit().await?;
            Ok(fresh.clone())
        });
        Ok(kept.await?.secret)
    }
}

impl SecretsPort for Vault {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, AwsError>> {
        Box::pin(async move { Ok(self.store.read().await?.row(&self.key(name)).await?.map(|row| row.secret)) })
    }

    fn keep<'a>(&'a self, name: &'a str, fresh: Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, AwsError>> {
        Box::pin(async move { Ok(self.first(name, fresh).await?) })
    }

    fn forget<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(async move {
            let forgotten = run(&*self.store, |mut tx| async move {
                tx.delete_row(&self.key(name));
                tx.commit().await.map(drop)
            });
            Ok(forgotten.await?)
        })
    }
}

#[cfg(test)]
mod tests {
    use updraft_store::encode_row;

    use super::*;

    #[tokio::test]
    async fn the_first_secret_of_a_name_stays() {
        let store: Arc<dyn Store> = updraft_store_mem::open().unwrap();
        let (vault, keys) = (Vault::of_secrets(Arc::clone(&store)), Vault::of_keys(store));
        assert_eq!(vault.get("a").await.unwrap(), None);
        assert_eq!(vault.keep("a", vec![1]).await.unwrap(), [1]);
        assert_eq!(vault.keep("a", vec![2]).await.unwrap(), [1]);
        assert_eq!(vault.get("a").await.unwrap(), Some(vec![1]));
        assert_eq!(vault.get("b").await.unwrap(), None);
        assert_eq!(keys.get("a").await.unwrap(), None);
        assert_eq!(keys.keep("a", vec![3]).await.unwrap(), [3]);
        assert_eq!(vault.get("a").await.unwrap(), Some(vec![1]));
    }

    #[tokio::test]
    async fn a_secret_is_forgotten_by_its_name() {
        let vault = Vault::of_keys(updraft_store_mem::open().unwrap());
        for name in ["a", "b"] {
            vault.keep(name, vec![1]).await.unwrap();
        }
        vault.forget("a").await.unwrap();
        vault.forget("never").await.unwrap();
        assert_eq!((vault.get("a").await.unwrap(), vault.get("b").await.unwrap()), (None, Some(vec![1])));
    }

    /// In databases: may never change.
    #[test]
    fn golden_keys_and_rows() {
        let key = VaultKey { place: Place::Secrets, name: "a" }.encode();
        assert_eq!(&key[..], b"\x04\x02vault\0\x02a\0");
        let kept = VaultKey { place: Place::Keys, name: "a" }.encode();
        assert_eq!(&kept[..], b"\x04\x02keys\0\x02a\0");
        assert!(!rows().contains(&kept), "backups hold it");
        assert_eq!(&encode_row(&VaultRow { secret: vec![7, 8] }).unwrap()[..], b"\x01\x02\x07\x08");
        assert!(rows().start <= key && key < rows().end);
    }
}
