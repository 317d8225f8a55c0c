//! Certificates that messages name the place of. Implemented by `services/sns`; used by the gateway.

use std::fmt;

use crate::BoxFuture;
use crate::error::AwsError;

pub trait CertificatesPort: Send + Sync + fmt::Debug {
    /// PEM. `name`: what stands in the location. `None`: there is no such certificate.
    fn certificate<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, AwsError>>;
}
