//! Signing what is sent, so that whoever gets it can tell that it comes from here.

mod key;

use std::sync::Arc;

use tokio::sync::OnceCell;
use updraft_kernel::ports::CertificatesPort;
use updraft_kernel::{AwsError, BoxFuture};

use self::key::Key;
use crate::Sns;
use crate::model::envelope::{Letter, Signature};
use crate::model::topic::Topic;

/// What the key is kept under.
const NAME: &str = "sns/signing";

/// The installation's key, once it was read or made.
#[derive(Debug, Default)]
pub(crate) struct Signer(OnceCell<Arc<Key>>);

/// The signature for subscribers of a protocol. `None`: it isn't signed. AWS: what topics send that are
/// first-in-first-out never is.
///
/// # Errors
/// If the key can't be read.
pub(crate) async fn sign(
    svc: &Sns,
    (topic, protocol): (&Topic, &str),
    letter: &Letter<'_>,
) -> Result<Option<Signature>, AwsError> {
    if topic.is_fifo() {
        return Ok(None);
    }
    sign_text(svc, version_for(topic, protocol), letter.endpoint, &letter.signed_text()).await.map(Some)
}

/// AWS: what functions get has the first version, whatever the topic asks for.
pub(crate) fn version_for<'a>(topic: &'a Topic, protocol: &str) -> &'a str {
    if protocol == "lambda" { "1" } else { version(topic) }
}

/// `SignatureVersion`.
pub(crate) fn version(topic: &Topic) -> &str {
    topic.attribute("SignatureVersion").unwrap_or("1")
}

/// `endpoint`: where whoever gets it is told to fetch the certificate.
///
/// # Errors
/// If the key can't be read.
pub(crate) async fn sign_text(svc: &Sns, version: &str, endpoint: &str, text: &str) -> Result<Signature, AwsError> {
    let key = svc.key().await?;
    let certificate = format!("{endpoint}/SimpleNotificationService-{}.pem", key.name());
    let (of, text) = (version.to_owned(), text.to_owned());
    // It takes some milliseconds, which others aren't to wait for.
    let signed = tokio::task::spawn_blocking(move || key.sign(&of, &text)).await;
    Ok(Signature { version: version.to_owned(), value: signed.map_err(AwsError::internal)??, certificate })
}

impl Sns {
    /// The key: the first that any node of the installation made.
    async fn key(&self) -> Result<Arc<Key>, AwsError> {
        let read = async {
            let secrets = &self.parts.secrets;
            if let Some(kept) = secrets.get(NAME).await? {
                return Key::read(&kept).map(Arc::new);
            }
            let rng = Arc::clone(&self.parts.rng);
            let made = tokio::task::spawn_blocking(move || Key::make(&*rng)).await.map_err(AwsError::internal)??;
            Key::read(&secrets.keep(NAME, made).await?).map(Arc::new)
        };
        self.signer.0.get_or_try_init(|| read).await.cloned()
    }
}

impl CertificatesPort for Sns {
    fn certificate<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, AwsError>> {
        Box::pin(async move {
            let key = self.key().await?;
            Ok((key.name() == name).then(|| key.certificate().to_owned()))
        })
    }
}
