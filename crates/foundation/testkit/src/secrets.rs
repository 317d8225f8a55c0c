//! Secrets under test.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use updraft_kernel::ports::SecretsPort;
use updraft_kernel::{AwsError, BoxFuture};

/// Forgets them when it is dropped.
#[derive(Debug, Default)]
pub struct MemSecrets(Mutex<BTreeMap<String, Vec<u8>>>);

impl SecretsPort for MemSecrets {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, AwsError>> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn keep<'a>(&'a self, name: &'a str, fresh: Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, AwsError>> {
        let mut secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = secrets.entry(name.to_owned()).or_insert(fresh).clone();
        Box::pin(std::future::ready(Ok(kept)))
    }

    fn forget<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Box::pin(std::future::ready(Ok(())))
    }
}
