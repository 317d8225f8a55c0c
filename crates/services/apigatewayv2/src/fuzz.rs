//! The way in for fuzzers: any text as a route key; never a panic, whatever it is.

use crate::model::RouteKey;

/// A route key as `CreateRoute` would take it.
pub fn route_key(text: &str) {
    drop(RouteKey::parse(text));
}
