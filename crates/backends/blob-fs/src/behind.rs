//! A file that is written behind whoever brings the pieces: one is on its way to the disk while the next one comes.

use std::fs::File;
use std::io::{self, Write};

use bytes::Bytes;
use tokio::task::JoinHandle;
use updraft_blob::BlobError;

/// The pieces are written as they are: nothing is copied, and two are held at most.
pub(crate) struct Behind {
    /// `None`: a write has failed.
    writing: Option<Writing>,
}

enum Writing {
    Idle(File),
    Busy(JoinHandle<io::Result<File>>),
}

impl Behind {
    pub(crate) fn new(file: File) -> Self {
        Self { writing: Some(Writing::Idle(file)) }
    }

    /// Waits for the piece before, and begins with this one.
    ///
    /// # Errors
    /// If the piece before could not be written.
    pub(crate) async fn write(&mut self, piece: Bytes) -> Result<(), BlobError> {
        let mut file = self.idle().await?;
        let busy = tokio::task::spawn_blocking(move || {
            file.write_all(&piece)?;
            Ok(file)
        });
        self.writing = Some(Writing::Busy(busy));
        Ok(())
    }

    /// Waits for what is under way.
    ///
    /// # Errors
    /// If it could not be written.
    pub(crate) async fn end(mut self) -> Result<(), BlobError> {
        self.idle().await.map(drop)
    }

    async fn idle(&mut self) -> Result<File, BlobError> {
        match self.writing.take() {
            Some(Writing::Idle(file)) => Ok(file),
            Some(Writing::Busy(busy)) => Ok(busy.await.map_err(io::Error::other)??),
            None => Err(io::Error::other("a piece before could not be written").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::{Read as _, Seek as _};

    use super::*;

    #[tokio::test]
    async fn pieces_come_in_order_and_what_fails_is_told() {
        let mut file = tempfile::tempfile().unwrap();
        let mut behind = Behind::new(file.try_clone().unwrap());
        for n in 0..100_u8 {
            behind.write(vec![n; 1000].into()).await.unwrap();
        }
        behind.end().await.unwrap();
        let (wanted, mut found): (Vec<u8>, _) = ((0..100).flat_map(|n| [n; 1000]).collect(), Vec::new());
        file.rewind().unwrap();
        file.read_to_end(&mut found).unwrap();
        assert_eq!(found, wanted);

        let mut full = Behind::new(OpenOptions::new().write(true).open("/dev/full").unwrap());
        full.write(Bytes::from_static(b"piece")).await.unwrap();
        assert!(full.write(Bytes::from_static(b"next")).await.is_err());
        assert!(full.write(Bytes::from_static(b"and again")).await.is_err());
        assert!(full.end().await.is_err());
    }
}
