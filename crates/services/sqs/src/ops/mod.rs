//! One AWS operation = one file.
pub(crate) mod get_queue_url;
