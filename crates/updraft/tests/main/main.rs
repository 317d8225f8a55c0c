#![expect(clippy::unwrap_used, reason = "tests")]

mod formats;
mod golden;
