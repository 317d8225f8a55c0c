//! What tables, items, keys and indexes are; pure: no transaction, no I/O.

pub(crate) mod backups;
pub(crate) mod capacity;
pub(crate) mod codec;
pub(crate) mod create;
pub(crate) mod describe;
pub(crate) mod expiry;
pub(crate) mod expressions;
pub(crate) mod index;
pub(crate) mod key;
pub(crate) mod legacy;
pub(crate) mod name;
pub(crate) mod page;
pub(crate) mod stream;
pub(crate) mod table;
pub(crate) mod value;
pub(crate) mod write;
