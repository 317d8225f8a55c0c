//! Domain types and rules. Pure.

pub(crate) mod archive;
pub(crate) mod attribute;
pub(crate) mod delivery_policy;
pub(crate) mod envelope;
pub(crate) mod filter;
pub(crate) mod message;
pub(crate) mod name;
pub(crate) mod policy;
pub(crate) mod publication;
pub(crate) mod subscription;
pub(crate) mod subscription_settings;
pub(crate) mod topic;
pub(crate) mod topic_settings;
