//! How objects are encrypted: what requests ask for, what is allowed, and what answers say of it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use updraft_api_s3::shapes;
use updraft_api_s3::types::{self, ServerSideEncryption, ServerSideEncryptionConfiguration};
use updraft_kernel::AwsError;
use updraft_store::Tx;

use super::cipher::DataKey;
use super::errors::{invalid_encryption_algorithm, not_implemented};
use super::keyring::Master;
use super::row::{Encryption, Upload, WrappedKey};
use crate::config::{self, Kind};
use crate::errors::{access_denied, invalid_argument, invalid_request, invalid_value};
use crate::model::bucket::Bucket;
use crate::{S3, codes};

/// AWS: whatever is wrong with the headers of a client's key, this one is named.
const HEADER: &str = "x-amz-server-side-encryption";
const AES256: &str = "AES256";

/// A key that a client brings.
#[derive(Clone)]
pub(crate) struct CustomerKey {
    master: Master,
    /// By which it is told.
    md5: [u8; 16],
}

impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerKey")
    }
}

/// The headers of a client's key.
#[derive(Clone, Copy, Default)]
pub(crate) struct Brought<'a> {
    pub(crate) algorithm: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) md5: Option<&'a str>,
}

/// Reads from an input the headers of a client's key.
macro_rules! brought {
    ($input:expr) => {
        $crate::objects::encryption::Brought {
            algorithm: $input.sse_customer_algorithm.as_deref(),
            key: $input.sse_customer_key.as_deref(),
            md5: $input.sse_customer_key_md5.as_deref(),
        }
        .key()?
    };
    (source $input:expr) => {
        $crate::objects::encryption::Brought {
            algorithm: $input.copy_source_sse_customer_algorithm.as_deref(),
            key: $input.copy_source_sse_customer_key.as_deref(),
            md5: $input.copy_source_sse_customer_key_md5.as_deref(),
        }
        .key()?
    };
}
pub(crate) use brought;

/// Reads from an input how it asks to be encrypted.
macro_rules! encryption {
    ($input:expr) => {
        $crate::objects::encryption::By::asked(
            $input.server_side_encryption.as_ref(),
            $input.ssekms_key_id.is_some(),
            $crate::objects::encryption::brought!($input),
        )?
    };
}
pub(crate) use encryption;

impl Brought<'_> {
    /// # Errors
    /// If it isn't a key as AWS takes it.
    pub(crate) fn key(self) -> Result<Option<CustomerKey>, AwsError> {
        let Self { algorithm, key, md5 } = self;
        if algorithm.is_none() && key.is_none() && md5.is_none() {
            return Ok(None);
        }
        let wrong = |message: &'static str| invalid_argument(HEADER, message);
        let algorithm = algorithm.ok_or_else(|| {
            wrong(
                "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption \
                 algorithm.",
            )
        })?;
        if algorithm != AES256 {
            return Err(invalid_encryption_algorithm(algorithm));
        }
        let key = key.ok_or_else(|| {
            wrong(
                "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate \
                 secret key.",
            )
        })?;
        let unfit = || wrong("The secret key was invalid for the specified algorithm.");
        let md5 = md5.ok_or_else(unfit)?;
        let key: [u8; 32] = STANDARD.decode(key).ok().and_then(|key| key.try_into().ok()).ok_or_else(unfit)?;
        let calculated: [u8; 16] = Md5::digest(key).into();
        if STANDARD.encode(calculated) != md5 {
            return Err(wrong("The calculated MD5 hash of the key did not match the hash that was provided."));
        }
        Ok(Some(CustomerKey { master: Master::new(key), md5: calculated }))
    }
}

/// Whose key a body's own is kept under.
#[derive(Clone, Debug)]
pub(crate) enum By {
    Installation,
    Customer(CustomerKey),
}

impl By {
    /// What a request asks for; `None`: nothing.
    ///
    /// # Errors
    /// If it asks for what there isn't: to answer as if it were done would be a lie.
    pub(crate) fn asked(
        given: Option<&ServerSideEncryption>,
        kms_key: bool,
        customer: Option<CustomerKey>,
    ) -> Result<Option<Self>, AwsError> {
        match (given, customer) {
            (Some(given), Some(_)) => Err(invalid_value(
                HEADER,
                given.as_str(),
                "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
            )),
            (None, Some(key)) => Ok(Some(Self::Customer(key))),
            (Some(given), None) => Self::named(given, kms_key).map(Some),
            (None, None) if kms_key => Err(kms_key_alone()),
            (None, None) => Ok(None),
        }
    }

    fn named(given: &ServerSideEncryption, kms_key: bool) -> Result<Self, AwsError> {
        match given {
            ServerSideEncryption::Aes256 if kms_key => Err(kms_key_alone()),
            ServerSideEncryption::Aes256 => Ok(Self::Installation),
            ServerSideEncryption::Unknown(given) => Err(invalid_encryption_algorithm(given)),
            // There are no keys of KMS.
            _ => Err(not_implemented(HEADER)),
        }
    }

    /// What was asked for, or else what the bucket says.
    ///
    /// # Errors
    /// If the bucket allows it not, or says something there isn't.
    pub(crate) async fn chosen(tx: &mut Tx, bucket: &Bucket, asked: Option<Self>) -> Result<Self, AwsError> {
        let what = (Kind::Encryption, &shapes::ServerSideEncryptionConfiguration);
        let configured: Option<ServerSideEncryptionConfiguration> = config::get(tx, bucket, what).await?;
        let rule = configured.and_then(|configured| configured.rules.into_iter().next()).unwrap_or_default();
        if let Some(Self::Customer(_)) = asked {
            let blocked = rule.blocked_encryption_types.and_then(|blocked| blocked.encryption_type).unwrap_or_default();
            if blocked.iter().any(|one| one.as_str() == "SSE-C") {
                return Err(access_denied());
            }
        }
        match (asked, rule.apply_server_side_encryption_by_default) {
            (Some(asked), _) => Ok(asked),
            (None, Some(default)) => Self::named(&default.sse_algorithm, false),
            (None, None) => Ok(Self::Installation),
        }
    }

    pub(crate) fn told(&self) -> Encryption {
        match self {
            Self::Installation => Encryption::Installation,
            Self::Customer(key) => Encryption::Customer(key.md5),
        }
    }

    /// A key for one body.
    ///
    /// # Errors
    /// If the installation's can't be had.
    pub(crate) async fn seal(&self, svc: &S3) -> Result<Seal, AwsError> {
        let rng = &*svc.parts.rng;
        let (key, wrapped) = match self {
            Self::Installation => {
                let (master, number) = svc.keyring.newest().await?;
                master.new_key(rng, Some(number))?
            }
            Self::Customer(customer) => customer.master.new_key(rng, None)?,
        };
        Ok(Seal { key, wrapped, by: self.told() })
    }

    /// Whether a part is encrypted as its upload said.
    ///
    /// # Errors
    /// In AWS's words, if not.
    pub(crate) fn of_part(upload: &Upload, customer: Option<CustomerKey>) -> Result<Self, AwsError> {
        match (upload.encryption, customer) {
            (Encryption::Customer(md5), Some(key)) if key.md5 == md5 => Ok(Self::Customer(key)),
            (Encryption::Customer(_), Some(_)) => {
                Err(invalid_request("The provided encryption parameters did not match the ones used originally."))
            }
            (Encryption::Customer(_), None) | (_, Some(_)) => Err(invalid_request(
                "The multipart upload initiate requested encryption. Subsequent part requests must include the \
                 appropriate encryption parameters.",
            )),
            (_, None) => Ok(Self::Installation),
        }
    }
}

fn kms_key_alone() -> AwsError {
    let message =
        "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms";
    invalid_argument(HEADER, message)
}

/// The key of one body, and what is kept of it.
#[derive(Debug)]
pub(crate) struct Seal {
    pub(crate) key: DataKey,
    pub(crate) wrapped: WrappedKey,
    pub(crate) by: Encryption,
}

/// What opens the bodies of an object.
#[derive(Clone, Debug)]
pub(crate) enum Opener {
    /// They aren't encrypted.
    Plain,
    With(Master),
}

impl Opener {
    /// # Errors
    /// If a client's key is needed and isn't the one, or isn't and is there.
    pub(crate) async fn of(svc: &S3, encryption: Encryption, customer: Option<&CustomerKey>) -> Result<Self, AwsError> {
        check(encryption, customer)?;
        match (encryption, customer) {
            (Encryption::None, _) => Ok(Self::Plain),
            (Encryption::Installation, _) => Ok(Self::With(svc.keyring.newest().await?.0.clone())),
            (Encryption::Customer(_), Some(key)) => Ok(Self::With(key.master.clone())),
            (Encryption::Customer(_), None) => Err(access_denied()),
        }
    }

    /// The key of one body; `None`: it isn't encrypted.
    ///
    /// # Errors
    /// If it is kept under another.
    pub(crate) fn key(&self, wrapped: Option<&WrappedKey>) -> Result<Option<DataKey>, AwsError> {
        match (self, wrapped) {
            (_, None) => Ok(None),
            (Self::With(master), Some(wrapped)) => match master.unwrap(wrapped) {
                Ok(key) => Ok(Some(key)),
                // Another key has the same MD5.
                Err(_) if wrapped.master.is_none() => Err(access_denied()),
                Err(broken) => Err(broken.into()),
            },
            (Self::Plain, Some(_)) => Err(AwsError::internal("an object doesn't say how it is encrypted")),
        }
    }
}

/// Whether who reads brings the key, where there must be one.
///
/// # Errors
/// In AWS's words, if not.
pub(crate) fn check(encryption: Encryption, customer: Option<&CustomerKey>) -> Result<(), AwsError> {
    match (encryption, customer) {
        (Encryption::Customer(_), None) => Err(invalid_request(
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to \
             retrieve the object.",
        )),
        (Encryption::Customer(md5), Some(key)) if key.md5 != md5 => {
            Err(AwsError::new(&codes::ACCESS_DENIED, "Access Denied"))
        }
        (Encryption::None | Encryption::Installation, Some(_)) => {
            Err(invalid_request("The encryption parameters are not applicable to this object."))
        }
        _ => Ok(()),
    }
}

/// Whatever says how an object is encrypted.
pub(crate) trait Encrypted {
    fn encrypted(&mut self, how: Encryption);
}

macro_rules! encrypted {
    ($($name:ident)*) => {$(
        impl Encrypted for types::$name {
            fn encrypted(&mut self, how: Encryption) {
                match how {
                    Encryption::None => {}
                    Encryption::Installation => self.server_side_encryption = Some(ServerSideEncryption::Aes256),
                    Encryption::Customer(md5) => {
                        self.sse_customer_algorithm = Some(AES256.to_owned());
                        self.sse_customer_key_md5 = Some(STANDARD.encode(md5));
                    }
                }
            }
        }
    )*};
}

encrypted! {
    PutObjectOutput GetObjectOutput HeadObjectOutput CopyObjectOutput CreateMultipartUploadOutput UploadPartOutput
    UploadPartCopyOutput
}

impl Encrypted for types::CompleteMultipartUploadOutput {
    fn encrypted(&mut self, how: Encryption) {
        if how == Encryption::Installation {
            self.server_side_encryption = Some(ServerSideEncryption::Aes256);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn words(brought: Brought<'_>) -> String {
        brought.key().unwrap_err().message().to_owned()
    }

    #[test]
    fn a_clients_key_comes_with_its_algorithm_and_its_sum() {
        let (key, md5) = (STANDARD.encode(KEY), STANDARD.encode(Md5::digest(KEY)));
        let whole = Brought { algorithm: Some(AES256), key: Some(&key), md5: Some(&md5) };
        assert!(whole.key().unwrap().is_some());
        assert!(Brought::default().key().unwrap().is_none());
        assert!(words(Brought { algorithm: None, ..whole }).contains("a valid encryption algorithm"));
        assert!(words(Brought { algorithm: Some("KMS"), ..whole }).contains("Supported value: AES256"));
        assert!(words(Brought { key: None, ..whole }).contains("an appropriate secret key"));
        assert!(words(Brought { md5: None, ..whole }).contains("was invalid for the specified algorithm"));
        assert!(words(Brought { key: Some("AAAA"), ..whole }).contains("was invalid for the specified algorithm"));
        assert!(words(Brought { md5: Some("AAAA"), ..whole }).contains("did not match the hash"));
    }

    #[test]
    fn nothing_is_taken_for_what_it_isnt() {
        let asked = |given: &str, kms_key| {
            By::asked(Some(&given.into()), kms_key, None)
                .map(|by| by.map(|by| by.told()))
                .map_err(|err| err.code().name)
        };
        assert_eq!(asked(AES256, false), Ok(Some(Encryption::Installation)));
        assert_eq!(asked(AES256, true), Err("InvalidArgument"));
        assert_eq!(asked("aws:kms", true), Err("NotImplemented"));
        assert_eq!(asked("aws:kms:dsse", false), Err("NotImplemented"));
        assert_eq!(asked("ROT13", false), Err("InvalidEncryptionAlgorithmError"));
    }
}
