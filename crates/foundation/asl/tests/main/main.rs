//! The language, tried from outside: executions that AWS made (`CONFORMANCE_DIR`), definitions with faults, and ways that are
//! walked twice.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

mod choices;
mod diagnostics;
mod failures;
mod limits;
mod recorded;
mod redriven;
mod times;
mod walked;
