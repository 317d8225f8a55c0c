//! People: what they would have been sent, their phones, and the apps on their devices.

pub(crate) mod apps;
pub(crate) mod phones;
mod postbox;

pub(crate) use postbox::post;
