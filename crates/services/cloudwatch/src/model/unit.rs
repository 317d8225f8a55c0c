//! Units, as numbers that lie in keys.

/// AWS's units. A unit's place is on disks: new ones go to the end.
const UNITS: [&str; 27] = [
    "None",
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Unit(u8);

impl Unit {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let at = UNITS.iter().position(|unit| *unit == name)?;
        u8::try_from(at).ok().map(Self)
    }

    pub(crate) fn of_code(code: u8) -> Option<Self> {
        UNITS.get(usize::from(code)).map(|_| Self(code))
    }

    pub(crate) fn code(self) -> u8 {
        self.0
    }

    pub(crate) fn as_str(self) -> &'static str {
        UNITS.get(usize::from(self.0)).copied().unwrap_or("None")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_kept() {
        for (name, code) in [("None", 0), ("Seconds", 1), ("Percent", 14), ("Count", 15), ("Count/Second", 26)] {
            assert_eq!(Unit::parse(name).map(Unit::code), Some(code));
            assert_eq!(Unit::of_code(code).map(Unit::as_str), Some(name));
        }
        assert_eq!((Unit::parse("Parsecs"), Unit::of_code(27)), (None, None));
    }
}
