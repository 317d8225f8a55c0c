//! Where services' secrets lie: in the store, so that all nodes have the same.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::ports::SecretsPort;
use updraft_kernel::{AwsError, BoxFuture};
use updraft_store::{Key, KeyBuilder, KeyRange, Row, Store, StoreError, StoreExt, run, tags};

/// `(platform, "vault", name)`.
#[derive(Debug)]
struct VaultKey<'a>(&'a str);

#[derive(Clone, Serialize, Deserialize)]
struct VaultRow {
    secret: Vec<u8>,
}

impl Row for VaultRow {
    const VERSION: u8 = 1;
}

fn place() -> KeyBuilder {
    KeyBuilder::new(tags::PLATFORM).str("vault")
}

impl Key for VaultKey<'_> {
    type Row = VaultRow;
    fn encode(&self) -> Bytes {
        place().str(self.0).build()
    }
}

/// All of it: no backup holds it.
pub(crate) fn rows() -> KeyRange {
    place().prefix_range()
}

/// See [`SecretsPort`].
#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) store: Arc<dyn Store>,
}

impl Vault {
    async fn first(&self, name: &str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let fresh = &VaultRow { secret: fresh };
        let kept = run(&*self.store, |mut tx| async move {
            if let Some(row) = tx.row(&VaultKey(name)).await? {
                return Ok::<_, StoreError>(row);
            }
            tx.put_row(&VaultKey(name), fresh)?;
            tx.commit().await?;
            Ok(fresh.clone())
        });
        Ok(kept.await?.secret)
    }
}

impl SecretsPort for Vault {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, AwsError>> {
        Box::pin(async move { Ok(self.store.read().await?.row(&VaultKey(name)).await?.map(|row| row.secret)) })
    }

    fn keep<'a>(&'a self, name: &'a str, fresh: Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, AwsError>> {
        Box::pin(async move { Ok(self.first(name, fresh).await?) })
    }
}

#[cfg(test)]
mod tests {
    use updraft_store::encode_row;

    use super::*;

    #[tokio::test]
    async fn the_first_secret_of_a_name_stays() {
        let vault = Vault { store: updraft_store_mem::open().unwrap() };
        assert_eq!(vault.get("a").await.unwrap(), None);
        assert_eq!(vault.keep("a", vec![1]).await.unwrap(), [1]);
        assert_eq!(vault.keep("a", vec![2]).await.unwrap(), [1]);
        assert_eq!(vault.get("a").await.unwrap(), Some(vec![1]));
        assert_eq!(vault.get("b").await.unwrap(), None);
    }

    /// In databases: may never change.
    #[test]
    fn golden_keys_and_rows() {
        let key = VaultKey("a").encode();
        assert_eq!(&key[..], b"\x04\x02vault\0\x02a\0");
        assert_eq!(&encode_row(&VaultRow { secret: vec![7, 8] }).unwrap()[..], b"\x01\x02\x07\x08");
        assert!(rows().start <= key && key < rows().end);
    }
}
