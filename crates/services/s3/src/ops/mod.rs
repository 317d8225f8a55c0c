//! One AWS operation = one file.

mod configured;
pub(crate) mod create_bucket;
pub(crate) mod delete_bucket;
pub(crate) mod delete_bucket_tagging;
pub(crate) mod get_bucket_location;
pub(crate) mod get_bucket_tagging;
pub(crate) mod get_bucket_versioning;
pub(crate) mod head_bucket;
pub(crate) mod list_buckets;
pub(crate) mod put_bucket_tagging;
pub(crate) mod put_bucket_versioning;
