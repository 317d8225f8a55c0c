//! Functions of texts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::Digest;

use super::function::Outcome;

/// AWS documents it, in characters.
const MAX_CHARS: usize = 10_000;

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("Expected a string as argument but found: {value}"))
}

fn short(text: &str) -> Result<&str, String> {
    match text.chars().nth(MAX_CHARS) {
        None => Ok(text),
        Some(_) => Err(format!("The string must not have more than {MAX_CHARS} characters")),
    }
}

pub(super) fn base64_encode(value: &Value) -> Outcome {
    Ok(Value::from(STANDARD.encode(short(text(value)?)?)))
}

pub(super) fn base64_decode(value: &Value) -> Outcome {
    let encoded = short(text(value)?)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| format!("The string is not valid Base64: {encoded}"))?;
    Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Of a text itself, and of anything else as JSON writes it.
pub(super) fn hash(value: &Value, algorithm: &Value) -> Outcome {
    let data = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    digest(short(&data)?, text(algorithm)?).map(Value::from)
}

/// In hexadecimal.
pub(crate) fn digest(data: &str, algorithm: &str) -> Result<String, String> {
    let data = data.as_bytes();
    let bytes = match algorithm {
        "MD5" => md5::Md5::digest(data).to_vec(),
        "SHA-1" => sha1::Sha1::digest(data).to_vec(),
        "SHA-256" => sha2::Sha256::digest(data).to_vec(),
        "SHA-384" => sha2::Sha384::digest(data).to_vec(),
        "SHA-512" => sha2::Sha512::digest(data).to_vec(),
        _ => {
            return Err(format!("The algorithm '{algorithm}' is none of MD5, SHA-1, SHA-256, SHA-384, SHA-512"));
        }
    };
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// AWS: each character of the second text parts the first, and empty parts are left out.
pub(super) fn split(whole: &Value, at: &Value) -> Outcome {
    let (whole, at) = (text(whole)?, text(at)?);
    Ok(whole.split(|c| at.contains(c)).filter(|part| !part.is_empty()).collect::<Vec<_>>().into())
}
