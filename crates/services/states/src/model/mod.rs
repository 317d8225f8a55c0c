//! Rules and types without I/O.

pub(crate) mod activity;
pub(crate) mod billing;
pub(crate) mod execution;
pub(crate) mod kept;
pub(crate) mod logging;
pub(crate) mod machine;
pub(crate) mod map_run;
pub(crate) mod name;
pub(crate) mod paging;
pub(crate) mod redrives;
pub(crate) mod version;
