//! Any text as a schedule, in any zone: never a panic, never a moment that has passed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use updraft_kernel::UnixMillis;
use updraft_schedule::{Expression, Style, Zone};

fuzz_target!(|input: (&str, &str, i64, i64)| {
    let (raw, zone, after, anchor) = input;
    let zone = Zone::parse(zone).unwrap_or_else(Zone::utc);
    for style in [Style::Rule, Style::Scheduler] {
        let Ok(expression) = Expression::parse(raw, style) else { continue };
        let due = expression.next_after(UnixMillis(after), UnixMillis(anchor), &zone);
        assert!(due.is_none_or(|due| due.0 > after));
    }
});
