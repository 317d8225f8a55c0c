//! DynamoDB's number: a decimal of up to 38 significant digits, from 1E-130 to 9.99…E+125, positive or negative.

use std::cmp::Ordering;
use std::fmt;

use super::error::Invalid;

const MAX_DIGITS: usize = 38;
const MAX_MAGNITUDE: i64 = 125;
const MIN_MAGNITUDE: i64 = -130;
/// Positions a sum needs before it can't have 38 digits any more: 38, one that a subtraction may cancel, one carry.
const SUM_POSITIONS: usize = MAX_DIGITS + 2;

/// `coefficient × 10^exponent`, the coefficient without trailing zeros, so that equal numbers are equal structs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Number {
    negative: bool,
    coefficient: u128,
    exponent: i16,
}

impl Number {
    pub const ZERO: Self = Self { negative: false, coefficient: 0, exponent: 0 };

    /// # Errors
    /// In AWS's words, if `raw` is no number, or one that is too large, too small or too precise.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let scanned = Scanned::scan(raw).ok_or_else(|| Invalid::not_a_number(raw))?;
        Self::from_digits(scanned.negative, &scanned.digits, scanned.exponent)
    }

    /// `digits` (0..=9, most significant first) `× 10^exponent`, trimmed and checked.
    fn from_digits(negative: bool, digits: &[u8], exponent: i64) -> Result<Self, Invalid> {
        let leading = digits.iter().take_while(|d| **d == 0).count();
        let trailing = digits.iter().rev().take_while(|d| **d == 0).count();
        let end = digits.len() - trailing;
        let Some(significant) = digits.get(leading..end).filter(|d| !d.is_empty()) else {
            return Ok(Self::ZERO);
        };
        let exponent = exponent.saturating_add(len(trailing));
        let magnitude = exponent.saturating_add(len(significant.len()) - 1);
        if magnitude > MAX_MAGNITUDE {
            return Err(Invalid::NUMBER_OVERFLOW);
        }
        if magnitude < MIN_MAGNITUDE {
            return Err(Invalid::NUMBER_UNDERFLOW);
        }
        if significant.len() > MAX_DIGITS {
            return Err(Invalid::NUMBER_TOO_PRECISE);
        }
        let coefficient = significant.iter().fold(0, |sum: u128, d| sum * 10 + u128::from(*d));
        let exponent = i16::try_from(exponent).map_err(|_| Invalid::NUMBER_UNDERFLOW)?;
        Ok(Self { negative, coefficient, exponent })
    }

    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.coefficient == 0
    }

    /// How many significant digits there are; none in zero.
    #[must_use]
    pub fn significant_digits(&self) -> usize {
        self.coefficient.checked_ilog10().map_or(0, |log| usize::try_from(log).unwrap_or(0) + 1)
    }

    /// How many significant digits stand before and after the decimal point.
    #[must_use]
    pub fn digits_around_point(&self) -> (usize, usize) {
        let all = self.significant_digits();
        let fraction = usize::from(self.exponent.min(0).unsigned_abs()).min(all);
        (all - fraction, fraction)
    }

    /// The power of ten of the first significant digit.
    pub(super) fn magnitude(&self) -> i64 {
        i64::from(self.exponent) + len(self.significant_digits()) - 1
    }

    /// The significant digits (0..=9), most significant first.
    pub(super) fn digits(&self) -> Vec<u8> {
        if self.is_zero() {
            return Vec::new();
        }
        self.coefficient.to_string().bytes().map(|b| b - b'0').collect()
    }

    /// The number that [`super::number_key`] took apart.
    pub(super) fn assemble(negative: bool, digits: &[u8], magnitude: i64) -> Option<Self> {
        Self::from_digits(negative, digits, magnitude + 1 - len(digits.len())).ok()
    }

    /// # Errors
    /// If the exact sum is no DynamoDB number.
    pub fn plus(self, other: Self) -> Result<Self, Invalid> {
        if self.is_zero() {
            return Ok(other);
        }
        if other.is_zero() {
            return Ok(self);
        }
        let low = self.exponent.min(other.exponent);
        // The last position is never zero in the sum, so a span this wide has more than 38 digits whatever the others are.
        if self.magnitude().max(other.magnitude()) - i64::from(low) + 1 >= len(SUM_POSITIONS) {
            return Err(Invalid::NUMBER_TOO_PRECISE);
        }
        let (a, b) = (self.aligned(low), other.aligned(low));
        let (negative, digits) = match (self.negative == other.negative, a.iter().cmp(b.iter())) {
            (true, _) => (self.negative, combine(&a, &b, 1)),
            (false, Ordering::Less) => (other.negative, combine(&b, &a, -1)),
            (false, _) => (self.negative, combine(&a, &b, -1)),
        };
        Self::from_digits(negative, &digits, i64::from(low))
    }

    /// # Errors
    /// If the exact difference is no DynamoDB number.
    pub fn minus(self, other: Self) -> Result<Self, Invalid> {
        self.plus(other.negated())
    }

    #[must_use]
    pub fn negated(self) -> Self {
        Self { negative: !self.negative && !self.is_zero(), ..self }
    }

    /// The digits down to `10^low`, most significant first, padded on the left to [`SUM_POSITIONS`].
    fn aligned(self, low: i16) -> Vec<u8> {
        let mut digits = self.digits();
        let shift = usize::try_from(self.exponent - low).unwrap_or(0);
        digits.extend(std::iter::repeat_n(0, shift));
        let pad = SUM_POSITIONS.saturating_sub(digits.len());
        std::iter::repeat_n(0, pad).chain(digits).collect()
    }
}

/// `a + sign × b` of equally long digit strings; with `sign` -1, `a` is not the smaller one.
fn combine(a: &[u8], b: &[u8], sign: i8) -> Vec<u8> {
    let mut carry = 0_i8;
    let mut out: Vec<u8> = Vec::with_capacity(a.len());
    for (x, y) in a.iter().rev().zip(b.iter().rev()) {
        let sum = i8::try_from(*x).unwrap_or(0) + sign * i8::try_from(*y).unwrap_or(0) + carry;
        carry = sum.div_euclid(10);
        out.push(sum.rem_euclid(10).unsigned_abs());
    }
    out.reverse();
    out
}

fn len(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl From<usize> for Number {
    fn from(n: usize) -> Self {
        let digits: Vec<u8> = n.to_string().bytes().map(|b| b - b'0').collect();
        Self::from_digits(false, &digits, 0).unwrap_or_default()
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_key_bytes().cmp(&other.to_key_bytes())
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    /// AWS: always plain digits, never an exponent, however long that gets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let digits = self.coefficient.to_string();
        if self.exponent >= 0 {
            let zeros = usize::try_from(self.exponent).unwrap_or(0);
            return write!(f, "{sign}{digits}{:0<zeros$}", "");
        }
        let fraction = usize::from(self.exponent.unsigned_abs());
        let padded = format!("{digits:0>width$}", width = fraction + 1);
        let (whole, rest) = padded.split_at(padded.len() - fraction);
        write!(f, "{sign}{whole}.{rest}")
    }
}

/// A number's text taken apart, not yet trimmed or checked.
struct Scanned {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Scanned {
    fn scan(raw: &str) -> Option<Self> {
        let (negative, unsigned) = strip_sign(raw);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, scan_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b.wrapping_sub(b'0')).collect();
        let legal = !digits.is_empty() && digits.iter().all(|d| *d <= 9);
        legal.then(|| Self { negative, digits, exponent: exponent - len(fraction.len()) })
    }
}

fn strip_sign(raw: &str) -> (bool, &str) {
    match raw.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, raw.strip_prefix('+').unwrap_or(raw)),
    }
}

/// The exponent, clamped to what is far outside of the legal range.
fn scan_exponent(raw: &str) -> Option<i64> {
    let (negative, digits) = strip_sign(raw);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value = digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000_000);
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(raw: &str) -> Number {
        Number::parse(raw).unwrap()
    }

    #[test]
    fn the_text_is_trimmed_and_never_scientific() {
        for (raw, text) in [
            ("1.0", "1"),
            ("-0", "0"),
            ("000", "0"),
            ("0.00", "0"),
            ("+1.50", "1.5"),
            ("007", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("1E-3", "0.001"),
            ("-12.340e1", "-123.4"),
            ("120", "120"),
        ] {
            assert_eq!(n(raw).to_string(), text, "{raw}");
        }
        assert_eq!(n("1e125").to_string(), format!("1{}", "0".repeat(125)));
        assert_eq!(n("1e-130").to_string(), format!("0.{}1", "0".repeat(129)));
    }

    #[test]
    fn both_sides_of_every_limit() {
        assert!(Number::parse("9.9999999999999999999999999999999999999E+125").is_ok());
        assert_eq!(Number::parse("1E126").unwrap_err(), Invalid::NUMBER_OVERFLOW);
        assert_eq!(Number::parse("-1E126").unwrap_err(), Invalid::NUMBER_OVERFLOW);
        assert!(Number::parse("-1E-130").is_ok());
        assert_eq!(Number::parse("9E-131").unwrap_err(), Invalid::NUMBER_UNDERFLOW);
        assert!(Number::parse(&"9".repeat(38)).is_ok());
        assert_eq!(Number::parse(&"9".repeat(39)).unwrap_err(), Invalid::NUMBER_TOO_PRECISE);
        assert!(Number::parse(&format!("0{}000", "9".repeat(38))).is_ok(), "zeros around don't count");
        assert_eq!(Number::parse("1e99999999999999999999").unwrap_err(), Invalid::NUMBER_OVERFLOW);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for raw in ["", "-", ".", "abc", "1e", "1e+", "1 ", " 1", "0x1", "NaN", "Infinity", "1.2.3", "--1", "1_0", "١"]
        {
            assert!(Number::parse(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn sums_are_exact() {
        for (a, b, sum) in [
            ("1", "2", "3"),
            ("0.1", "0.2", "0.3"),
            ("1", "-1", "0"),
            ("-5", "3", "-2"),
            ("99999999999999999999999999999999999999", "1", "100000000000000000000000000000000000000"),
            ("100000000000000000000000000000000000000", "-1", "99999999999999999999999999999999999999"),
            ("1e125", "-1e125", "0"),
            ("1e-130", "1e-130", "2e-130"),
            ("0", "-7", "-7"),
        ] {
            assert_eq!(n(a).plus(n(b)).unwrap(), n(sum), "{a} + {b}");
            assert_eq!(n(b).plus(n(a)).unwrap(), n(sum), "{b} + {a}");
        }
    }

    #[test]
    fn a_sum_outside_of_the_range_is_refused() {
        let max = n("9.9999999999999999999999999999999999999E+125");
        assert_eq!(max.plus(max).unwrap_err(), Invalid::NUMBER_OVERFLOW);
        assert_eq!(n("1e50").plus(n("1")).unwrap_err(), Invalid::NUMBER_TOO_PRECISE);
        assert_eq!(n("1e38").plus(n("1")).unwrap_err(), Invalid::NUMBER_TOO_PRECISE);
        assert!(n("1e37").plus(n("1")).is_ok());
        let tiny = n("1.1e-130");
        assert!(Number::parse("1.1e-130").is_ok() && tiny.minus(n("1e-130")).is_err(), "underflow");
    }
}
