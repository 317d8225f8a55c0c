//! The byte form of a number whose order is the numeric order, for keys.
//!
//! One byte of sign (negative 1, zero 2, positive 3), one of magnitude (biased by 130, so that it fits exactly), then
//! two digits a byte. Negative numbers have all that complemented, and a closing 0xFF so that the longer sorts first.

use super::number::Number;

const NEGATIVE: u8 = 1;
const ZERO: u8 = 2;
const POSITIVE: u8 = 3;
const BIAS: i64 = 130;
/// A pair of digits is stored one higher, so that no byte is zero: keys escape those.
const PAIR_BASE: u8 = 1;

impl Number {
    /// Bytes that sort as the numbers do.
    #[must_use]
    pub fn to_key_bytes(&self) -> Vec<u8> {
        if self.is_zero() {
            return vec![ZERO];
        }
        let magnitude = u8::try_from(self.magnitude() + BIAS).unwrap_or(u8::MAX);
        let digits = self.digits();
        let pairs = digits.chunks(2).map(pair);
        let body = std::iter::once(magnitude).chain(pairs);
        if self.is_negative() {
            return std::iter::once(NEGATIVE).chain(body.map(|b| !b)).chain([u8::MAX]).collect();
        }
        std::iter::once(POSITIVE).chain(body).collect()
    }

    /// The number that [`Self::to_key_bytes`] made these bytes of.
    #[must_use]
    pub fn from_key_bytes(bytes: &[u8]) -> Option<Self> {
        let (sign, rest) = bytes.split_first()?;
        match *sign {
            ZERO => rest.is_empty().then_some(Self::ZERO),
            POSITIVE => Self::from_body(false, rest.iter().copied()),
            NEGATIVE => Self::from_body(true, rest.strip_suffix(&[u8::MAX])?.iter().map(|b| !b)),
            _ => None,
        }
    }

    fn from_body(negative: bool, mut body: impl Iterator<Item = u8>) -> Option<Self> {
        let magnitude = i64::from(body.next()?) - BIAS;
        let mut digits = Vec::new();
        for byte in body {
            let both = byte.checked_sub(PAIR_BASE).filter(|b| *b < 100)?;
            digits.extend([both / 10, both % 10]);
        }
        Self::assemble(negative, &digits, magnitude)
    }
}

fn pair(digits: &[u8]) -> u8 {
    let tens = digits.first().copied().unwrap_or(0);
    let ones = digits.get(1).copied().unwrap_or(0);
    tens * 10 + ones + PAIR_BASE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn n(raw: &str) -> Number {
        Number::parse(raw).unwrap()
    }

    #[test]
    fn the_byte_order_is_the_numeric_order() {
        let ascending = [
            "-9.9999999999999999999999999999999999999E+125",
            "-1000",
            "-123",
            "-12.5",
            "-12",
            "-1",
            "-0.5",
            "-1e-130",
            "0",
            "1e-130",
            "0.5",
            "1",
            "1.5",
            "9",
            "10",
            "12",
            "12.5",
            "123",
            "1000",
            "9.9999999999999999999999999999999999999E+125",
        ];
        for pair in ascending.windows(2) {
            assert!(n(pair[0]).to_key_bytes() < n(pair[1]).to_key_bytes(), "{pair:?}");
        }
    }

    prop_compose! {
        fn number()(coefficient in -99_999_999_999i64..99_999_999_999i64, exponent in -60i32..60) -> (i64, i32, Number) {
            (coefficient, exponent, n(&format!("{coefficient}e{exponent}")))
        }
    }

    proptest! {
        #[test]
        fn key_bytes_and_text_go_there_and_back((_, _, number) in number()) {
            prop_assert_eq!(Number::from_key_bytes(&number.to_key_bytes()), Some(number));
            prop_assert_eq!(n(&number.to_string()), number);
            prop_assert!(!number.to_key_bytes().contains(&0));
        }

        #[test]
        fn keys_order_as_floats_where_these_differ((a, x, one) in number(), (b, y, two) in number()) {
            let (fa, fb): (f64, f64) = (format!("{a}e{x}").parse().unwrap(), format!("{b}e{y}").parse().unwrap());
            if fa < fb {
                prop_assert!(one.to_key_bytes() < two.to_key_bytes());
            }
        }

        #[test]
        fn sums_agree_with_integers(a in any::<i64>(), b in any::<i64>()) {
            let sum = i128::from(a) + i128::from(b);
            prop_assert_eq!(n(&a.to_string()).plus(n(&b.to_string())).unwrap(), n(&sum.to_string()));
            prop_assert_eq!(n(&a.to_string()).cmp(&n(&b.to_string())), a.cmp(&b));
        }

        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Some(number) = Number::from_key_bytes(&bytes) {
                prop_assert_eq!(Number::from_key_bytes(&number.to_key_bytes()), Some(number));
            }
        }
    }
}
