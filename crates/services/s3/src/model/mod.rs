//! Domain types and rules; pure.

pub(crate) mod acl;
pub(crate) mod bucket;
pub(crate) mod cors;
pub(crate) mod expiry;
pub(crate) mod lifecycle;
pub(crate) mod listed;
pub(crate) mod name;
pub(crate) mod notification;
pub(crate) mod owner;
pub(crate) mod pages;
pub(crate) mod policy;
pub(crate) mod replication;
pub(crate) mod tags;
pub(crate) mod website;
