//! Comparing a request's value with one of a condition.

use std::cmp::Ordering;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::context::Context;
use crate::operator::{Order, Test};
use crate::pattern::Pattern;

/// Whether such a value can stand in a condition. One with a variable is looked at once it is filled in.
pub(crate) fn is_possible(test: Test, wanted: &Pattern) -> bool {
    let text = wanted.text();
    match test {
        _ if !wanted.is_fixed() => true,
        Test::Number(_) => number(text).is_some(),
        Test::Date(_) => moment(text).is_some(),
        Test::Bool | Test::Null => truth(text).is_some(),
        Test::Binary => STANDARD.decode(text).is_ok(),
        Test::Address => network(text).is_some(),
        Test::Text | Test::TextAnyCase | Test::TextLike | Test::Arn => true,
    }
}

/// Whether the request's value is what the condition wants, not looking at a negation.
pub(crate) fn is_met(test: Test, wanted: &Pattern, found: &str, context: &Context) -> bool {
    match test {
        Test::Text | Test::TextLike => wanted.matches(found, context),
        Test::Arn => wanted.matches_arn(found, context),
        other => wanted.said(context).is_some_and(|wanted| compare(other, &wanted, found)),
    }
}

fn compare(test: Test, wanted: &str, found: &str) -> bool {
    match test {
        Test::TextAnyCase => wanted.to_lowercase() == found.to_lowercase(),
        Test::Number(order) => both(number, found, wanted).is_some_and(|order_of| order.holds(order_of)),
        Test::Date(order) => both(moment, found, wanted).is_some_and(|order_of| order.holds(order_of)),
        Test::Bool => truth(wanted).is_some() && truth(wanted) == truth(found),
        Test::Binary => match (STANDARD.decode(wanted), STANDARD.decode(found)) {
            (Ok(wanted), Ok(found)) => wanted == found,
            _ => false,
        },
        Test::Address => match (network(wanted), found.parse::<IpAddr>()) {
            (Some(network), Ok(found)) => network.contains(&found.to_canonical()),
            _ => false,
        },
        Test::Text | Test::TextLike | Test::Arn | Test::Null => false,
    }
}

fn both<T: PartialOrd>(parse: fn(&str) -> Option<T>, found: &str, wanted: &str) -> Option<Ordering> {
    parse(found)?.partial_cmp(&parse(wanted)?)
}

impl Order {
    fn holds(self, found_to_wanted: Ordering) -> bool {
        match self {
            Self::Equal => found_to_wanted.is_eq(),
            Self::Less => found_to_wanted.is_lt(),
            Self::LessOrEqual => found_to_wanted.is_le(),
            Self::Greater => found_to_wanted.is_gt(),
            Self::GreaterOrEqual => found_to_wanted.is_ge(),
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// A day, a moment, or seconds since 1970; in seconds.
fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    let of_day = || Some(TimeZone::UTC.to_timestamp(text.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok()?.as_second());
    let seconds = || text.parse::<i64>().ok();
    seconds().or_else(|| Some(text.parse::<Timestamp>().ok()?.as_second())).or_else(of_day)
}

pub(crate) fn truth(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A network, or one address.
fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(|one| IpNet::from(one.to_canonical())))
}
