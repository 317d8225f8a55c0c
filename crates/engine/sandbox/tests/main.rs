//! Sandboxes, attacked from inside. The test binary is also the sandbox's helper, so it has a `main` of its own.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod attacks;
mod beside;
mod command;
mod harness;
mod lab;
mod lifecycle;
mod limits;
mod network;
mod prepared;
mod supervisor;
mod weak;

fn main() -> std::process::ExitCode {
    updraft_sandbox::init_main();
    if std::env::args().nth(1).as_deref() == Some(supervisor::MODE) {
        supervisor::live();
    }
    if std::env::args().nth(1).as_deref() == Some(weak::MODE) {
        weak::live();
    }
    let cases = [
        beside::CASES,
        command::CASES,
        lifecycle::CASES,
        limits::CASES,
        network::CASES,
        prepared::CASES,
        supervisor::CASES,
        weak::CASES,
        attacks::CASES,
    ];
    harness::run(&cases.concat())
}
