//! A key and its certificate: made, kept, and used. Pure, but for chance.

use std::convert::Infallible;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::{TryCryptoRng, TryRng};
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey};
use rsa::{Pkcs1v15Sign, PrivateKey};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use updraft_kernel::{AwsError, Rng, hex};
use updraft_store::{Row, decode_row, encode_row};
use x509_cert::Certificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::certificate::{Rfc5280, TbsCertificate};
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Decode, Encode, EncodePem};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{KeyUsage, KeyUsages, SubjectAltName};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

const BITS: usize = 2048;
/// Whose certificate validators look for.
const HOST: &str = "sns.amazonaws.com";
/// 2020-01-01, in seconds: virtual time may be long before now, and after.
const FROM: u64 = 1_577_836_800;

/// As it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct KeyRow {
    /// PKCS #8.
    private: Vec<u8>,
    /// DER.
    certificate: Vec<u8>,
}

impl Row for KeyRow {
    const VERSION: u8 = 1;
}

pub(super) struct Key {
    private: PrivateKey,
    certificate: String,
    name: String,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Key {
    /// A new one, as it is to be kept. Takes a while.
    pub(super) fn make(rng: &dyn Rng) -> Result<Vec<u8>, AwsError> {
        let private = PrivateKey::new(&mut Chance(rng), BITS).map_err(AwsError::internal)?;
        let certificate = certificate(&private, rng).map_err(|error| AwsError::internal(error.to_string()))?;
        let private = private.to_pkcs8_der().map_err(AwsError::internal)?.as_bytes().to_vec();
        Ok(encode_row(&KeyRow { private, certificate })?.to_vec())
    }

    pub(super) fn read(kept: &[u8]) -> Result<Self, AwsError> {
        let row: KeyRow = decode_row(b"sns/signing", kept)?;
        let private = PrivateKey::from_pkcs8_der(&row.private).map_err(AwsError::internal)?;
        let certificate = Certificate::from_der(&row.certificate).and_then(|read| read.to_pem(LineEnding::LF));
        let certificate = certificate.map_err(AwsError::internal)?;
        let hash = Sha256::digest(&row.certificate);
        let name = hex(hash.get(..16).unwrap_or_default());
        Ok(Self { private, certificate, name })
    }

    /// What tells its certificate from others.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// PEM.
    pub(super) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// In base 64. `version`: `1` is with SHA-1, `2` with SHA-256.
    ///
    /// Without blinding, which would take as long again: the arithmetic's time doesn't depend on the key.
    pub(super) fn sign(&self, version: &str, text: &str) -> Result<String, AwsError> {
        let signed = match version {
            "2" => self.private.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(text)),
            _ => self.private.sign(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(text)),
        };
        Ok(STANDARD.encode(signed.map_err(AwsError::internal)?))
    }
}

/// DER. Signed by itself.
fn certificate(private: &PrivateKey, rng: &dyn Rng) -> Result<Vec<u8>, x509_cert::builder::Error> {
    let public = private.to_public_key().to_public_key_der().map_err(x509_cert::builder::Error::PublicKey)?;
    let public = SubjectPublicKeyInfo::from_der(public.as_bytes())?;
    let from = std::time::UNIX_EPOCH + std::time::Duration::from_secs(FROM);
    let validity = Validity::<Rfc5280>::new(Time::try_from(from)?, Time::INFINITY);
    let profile = Signing(Name::from_str(&format!("CN={HOST}"))?);
    let mut serial = [0; 8];
    rng.fill(&mut serial);
    let builder = CertificateBuilder::new(profile, SerialNumber::from(u64::from_be_bytes(serial)), validity, public)?;
    let signer = SigningKey::<Sha256>::new(private.clone());
    let made = builder.build_with_rng::<_, rsa::pkcs1v15::Signature, _>(&signer, &mut Chance(rng))?;
    Ok(made.to_der()?)
}

/// What the certificate is for.
struct Signing(Name);

impl BuilderProfile for Signing {
    fn get_issuer(&self, _: &Name) -> Name {
        self.0.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        made: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let names = SubjectAltName(vec![GeneralName::DnsName(HOST.to_owned().try_into()?)]);
        let usage = KeyUsage(KeyUsages::DigitalSignature.into());
        Ok(vec![names.to_extension(made.subject(), &[])?, usage.to_extension(made.subject(), &[])?])
    }
}

/// The platform's chance, as the crates for cryptography ask for it.
struct Chance<'a>(&'a dyn Rng);

impl TryRng for Chance<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(into);
        Ok(())
    }
}

impl TryCryptoRng for Chance<'_> {}

#[cfg(test)]
mod tests {
    use rsa::PublicKey;
    use rsa::pkcs8::DecodePublicKey;
    use updraft_kernel::SeededRng;

    use super::*;

    #[test]
    fn what_it_signs_is_verified_with_its_certificate() {
        let rng = SeededRng::new(7);
        let kept = Key::make(&rng).unwrap();
        let key = Key::read(&kept).unwrap();
        let certificate = <Certificate as x509_cert::der::DecodePem>::from_pem(key.certificate()).unwrap();
        let tbs = certificate.tbs_certificate();
        assert_eq!(tbs.subject().to_string(), "CN=sns.amazonaws.com");
        let public = tbs.subject_public_key_info().to_der().unwrap();
        let public = PublicKey::from_public_key_der(&public).unwrap();
        let of = |version: &str| STANDARD.decode(key.sign(version, "text").unwrap()).unwrap();
        public.verify(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest("text"), &of("1")).unwrap();
        public.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest("text"), &of("2")).unwrap();
        assert!(public.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest("other"), &of("2")).is_err());
        assert_eq!(key.name().len(), 32);
        assert_eq!(Key::read(&kept).unwrap().name(), key.name());
        assert!(!format!("{key:?}").contains("BEGIN"), "it isn't shown");
    }

    /// In databases: may never change.
    #[test]
    fn golden_row() {
        let row = encode_row(&KeyRow { private: vec![1, 2], certificate: vec![3] }).unwrap();
        assert_eq!(&row[..], b"\x01\x02\x01\x02\x01\x03");
    }
}
