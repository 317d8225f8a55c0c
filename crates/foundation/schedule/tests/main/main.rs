//! Expressions against somebody who knows nothing of calendars and looks at every minute.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod dst;
mod walker;
