//! Objects: their bytes, their versions, and the uploads in parts that they come from.
//!
//! Bytes are down before anything names them; the transaction that names them is what makes an object. Small ones lie in
//! a row beside the object's, all others are blobs; both are encrypted (`cipher`). Start reading at [`row`], then [`receive`] and [`table`].

pub(crate) mod about;
pub(crate) mod acl;
pub(crate) mod archive;
pub(crate) mod aside;
mod before;
pub(crate) mod checksum;
pub(crate) mod cipher;
pub(crate) mod claims;
pub(crate) mod conditions;
pub(crate) mod copy;
pub(crate) mod delete;
pub(crate) mod encryption;
pub(crate) mod errors;
#[cfg(test)]
mod golden;
pub(crate) mod keyring;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod listed;
pub(crate) mod lock;
pub(crate) mod part;
pub(crate) mod ports;
pub(crate) mod range;
pub(crate) mod read;
pub(crate) mod readers;
pub(crate) mod receive;
pub(crate) mod row;
pub(crate) mod send;
pub(crate) mod table;
pub(crate) mod tagging;
pub(crate) mod told;
pub(crate) mod upload;
pub(crate) mod version_id;
pub(crate) mod versions;
mod words;
pub(crate) mod write;
