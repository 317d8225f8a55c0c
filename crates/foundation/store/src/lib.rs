//! The storage seam: an ordered key-value store with serialisable optimistic transactions, watches and leases.
//!
//! It must never know a service, a wire protocol, or which engine is behind it. A backend is admitted by
//! [`suite`], not by review. Start reading at [`Store`] and [`Txn`].
