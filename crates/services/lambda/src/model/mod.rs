//! Domain types and rules. Pure: no transaction, no I/O.

pub(crate) mod absent;
pub(crate) mod alias;
pub(crate) mod attached;
pub(crate) mod config;
pub(crate) mod destinations;
pub(crate) mod durable;
pub(crate) mod environment;
pub(crate) mod events;
pub(crate) mod filter;
pub(crate) mod layer;
pub(crate) mod mapping;
pub(crate) mod name;
pub(crate) mod older;
pub(crate) mod payload;
pub(crate) mod policy;
pub(crate) mod provisioned;
pub(crate) mod record;
pub(crate) mod runtime;
pub(crate) mod snap_start;
pub(crate) mod tags;
pub(crate) mod trace;
pub(crate) mod url;
pub(crate) mod written;
