//! S3 Select: a query over the records of one object, CSV or JSON, as its bytes come.
//!
//! Pure: bytes in ([`Scan::feed`]), bytes out; no more of either is held than a record and what was found since the last
//! call. It knows no bucket, no clock and no wire. The language is parsed by `sqlparser`; what S3 Select has of it, and
//! what it means, is here. Start reading at [`Query::parse`], then [`Scan`].

mod aggregate;
mod calls;
mod csv;
mod dates;
mod eval;
mod expr;
mod from;
mod json;
mod output;
mod parse;
mod query;
mod record;
mod scan;
mod unpack;
mod value;
mod wrong;

pub use csv::{CsvInput, Header};
pub use json::JsonInput;
pub use output::{CsvOutput, Output};
pub use query::Query;
pub use scan::{Input, Scan};
pub use unpack::Packing;
pub use wrong::Wrong;
