//! Rows: one byte of format version and then postcard.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::seam::Result;

/// A value as it lies in the store. postcard isn't self-describing: any change of fields is a new [`Row::VERSION`],
/// and what older versions wrote is read forever by [`Row::upgrade`].
pub trait Row: Serialize + DeserializeOwned + Sized {
    /// What is written today.
    const VERSION: u8;

    /// Reads what an older version wrote. `None`: that version never existed, or `body` isn't of it.
    #[must_use]
    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        let _unused = (version, body);
        None
    }
}

/// A key of one kind of row.
pub trait Key {
    type Row: Row;

    /// Made with a [`KeyBuilder`](crate::KeyBuilder).
    fn encode(&self) -> Bytes;
}

/// # Errors
/// If the row can't be serialised, which only shapes that postcard lacks can't (such as sequences of unknown length).
pub fn encode_row<R: Row>(row: &R) -> Result<Bytes> {
    let out = postcard::to_extend(row, vec![R::VERSION]).map_err(|why| StoreError::Engine(Box::new(why)))?;
    Ok(out.into())
}

/// Reads a value of this or an older version; `key` is for the error.
///
/// # Errors
/// [`StoreError::Corrupt`] if it can't be read.
pub fn decode_row<R: Row>(key: &[u8], value: &[u8]) -> Result<R> {
    let corrupt = |why: String| StoreError::Corrupt { key: key.to_vec(), why };
    let (version, body) = value.split_first().ok_or_else(|| corrupt("it is empty".to_owned()))?;
    if *version == R::VERSION {
        return postcard::from_bytes(body).map_err(|why| corrupt(why.to_string()));
    }
    R::upgrade(*version, body).ok_or_else(|| corrupt(format!("its format {version} is unknown here")))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Old {
        name: String,
    }
    impl Row for Old {
        const VERSION: u8 = 1;
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct New {
        name: String,
        size: u64,
        tags: Vec<(String, Option<i32>)>,
    }
    impl Row for New {
        const VERSION: u8 = 2;
        fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
            let old: Old = (version == 1).then(|| postcard::from_bytes(body).ok())??;
            Some(Self { name: old.name, size: 0, tags: Vec::new() })
        }
    }

    fn sample() -> New {
        New { name: "ab".into(), size: 300, tags: vec![("t".into(), Some(-1))] }
    }

    /// The encoding is on disks: these bytes may never change.
    #[test]
    fn golden_row() {
        let bytes = encode_row(&sample()).unwrap();
        assert_eq!(&bytes[..], [2, 2, b'a', b'b', 0xAC, 0x02, 1, 1, b't', 1, 1]);
        assert_eq!(decode_row::<New>(b"k", &bytes).unwrap(), sample());
    }

    #[test]
    fn an_older_version_is_upgraded_on_reading() {
        let bytes = encode_row(&Old { name: "ab".into() }).unwrap();
        assert_eq!(decode_row::<New>(b"k", &bytes).unwrap(), New { name: "ab".into(), size: 0, tags: vec![] });
    }

    #[test]
    fn what_cant_be_read_is_corrupt_and_names_its_key() {
        for bad in [&[][..], &[9, 1], &[2, 2, b'a']] {
            let err = decode_row::<New>(b"k", bad).unwrap_err();
            assert!(matches!(err, StoreError::Corrupt { ref key, .. } if key == b"k"), "{err}");
        }
    }
}
