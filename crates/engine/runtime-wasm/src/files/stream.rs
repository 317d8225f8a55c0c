//! A stream into a file, as long as there is room.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynOutputStream, OutputStream, Pollable, StreamError, StreamResult};

use super::Quota;

/// "No space left on device".
const ENOSPC: i32 = 28;

pub(crate) struct Counted {
    pub(crate) inner: DynOutputStream,
    pub(crate) quota: Arc<Quota>,
}

/// With less room than this it is looked again whether there is more, in bytes.
const LITTLE: u64 = 1 << 20;

fn full() -> StreamError {
    StreamError::LastOperationFailed(io::Error::from_raw_os_error(ENOSPC).into())
}

#[async_trait]
impl Pollable for Counted {
    async fn ready(&mut self) {
        self.inner.ready().await;
        if self.quota.left() < LITTLE {
            self.quota.look_again().await;
        }
    }
}

#[async_trait]
impl OutputStream for Counted {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if !self.quota.take_written(bytes.len()) {
            return Err(full());
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.inner.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        match (self.inner.check_write()?, usize::try_from(self.quota.left()).unwrap_or(usize::MAX)) {
            // Not now: that is not for want of room.
            (0, _) => Ok(0),
            (_, 0) => Err(full()),
            (permitted, left) => Ok(permitted.min(left)),
        }
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
    }
}
