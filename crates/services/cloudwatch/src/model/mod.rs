//! What metrics are and what can be said of them. Pure.

pub(crate) mod additions;
pub(crate) mod datum;
pub(crate) mod embedded;
pub(crate) mod label;
pub(crate) mod level;
pub(crate) mod math;
pub(crate) mod points;
pub(crate) mod query;
pub(crate) mod series;
pub(crate) mod statistic;
pub(crate) mod summary;
pub(crate) mod token;
pub(crate) mod unit;
