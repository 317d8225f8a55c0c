//! Whose certificates are believed: the host's authorities'.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// Without authorities nobody is believed, which each request then says.
///
/// # Errors
/// If the TLS library can do none of the versions of its protocol.
pub(crate) fn config() -> Result<ClientConfig, rustls::Error> {
    let found = rustls_native_certs::load_native_certs();
    if !found.errors.is_empty() {
        tracing::warn!(errors = ?found.errors, "some of the host's certificate authorities can't be read");
    }
    let mut roots = RootCertStore::empty();
    let (_added, _ignored) = roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
