//! Values of the model's shapes as JSON, and back.

use serde_json::Value as Document;
use updraft_api_states::MODEL;
use updraft_api_states::types::{EncryptionConfiguration, EncryptionType};
use updraft_wire::{FromValue, IntoValue, typed};

/// As text. `shape` is one of the model's.
pub(crate) fn write(shape: &str, value: impl IntoValue) -> String {
    MODEL.shape(shape).map(|shape| typed::to_json(shape, &value.into_value()).to_string()).unwrap_or_default()
}

/// `None`: it isn't what [`write`] wrote.
pub(crate) fn read<T: FromValue>(shape: &str, text: &str) -> Option<T> {
    from_document(shape, &serde_json::from_str(text).ok()?)
}

pub(crate) fn from_document<T: FromValue>(shape: &str, document: &Document) -> Option<T> {
    typed::from_json(MODEL.shape(shape)?, document).ok().map(T::from_value)
}

/// AWS: without one, that the key is AWS's is answered.
pub(crate) fn encryption(text: Option<&str>) -> EncryptionConfiguration {
    let kept = text.and_then(|text| read("EncryptionConfiguration", text));
    let owned =
        || EncryptionConfiguration { r#type: EncryptionType::AwsOwnedKey, ..EncryptionConfiguration::default() };
    kept.unwrap_or_else(owned)
}
