//! When an item expires. Pure.

use updraft_expr::dynamodb::{AttributeValue, Item};
use updraft_kernel::UnixMillis;

/// AWS: who expired longer ago is taken for a mistake, and left alone.
const YEARS_5: i64 = 5 * 365 * 86_400;

/// The second at which an item is no longer wanted. AWS: a number, of seconds since 1970; anything else is none.
pub(crate) fn of(item: &Item, attribute: &str) -> Option<i64> {
    match item.get(attribute)? {
        AttributeValue::N(number) => {
            let text = number.to_string();
            text.split('.').next()?.parse().ok().filter(|at| *at > 0)
        }
        _ => None,
    }
}

/// Whether it is to be deleted now.
pub(crate) fn is_over(at: i64, now: UnixMillis) -> bool {
    let now = now.0.div_euclid(1000);
    at <= now && at > now.saturating_sub(YEARS_5)
}

#[cfg(test)]
mod tests {
    use updraft_expr::dynamodb::Number;

    use super::*;

    fn item(value: AttributeValue) -> Item {
        [("e".to_owned(), value)].into()
    }

    #[test]
    fn only_a_number_of_seconds_is_a_moment() {
        let number = |text| AttributeValue::N(Number::parse(text).unwrap());
        assert_eq!(of(&item(number("1700000000")), "e"), Some(1_700_000_000));
        assert_eq!(of(&item(number("1700000000.9")), "e"), Some(1_700_000_000));
        assert_eq!(of(&item(AttributeValue::S("1700000000".into())), "e"), None);
        for none in [item(number("-1")), item(number("0")), item(number("1E+30")), Item::new()] {
            assert_eq!(of(&none, "e"), None);
        }
    }

    #[test]
    fn both_sides_of_the_moment_and_of_five_years() {
        let now = UnixMillis(1_700_000_000_999);
        assert!(is_over(1_700_000_000, now) && !is_over(1_700_000_001, now));
        let long_ago = 1_700_000_000 - YEARS_5;
        assert!(!is_over(long_ago, now) && is_over(long_ago + 1, now));
    }
}
