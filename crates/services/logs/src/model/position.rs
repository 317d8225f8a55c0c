//! [`Position`]: where a line is among all lines of its group, in the order of their times.

use updraft_kernel::AwsError;

use crate::errors::invalid_token;

/// Widths of its parts, in digits: as long as AWS's.
const WIDTHS: [usize; 4] = [14, 20, 10, 12];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// In milliseconds since the epoch.
    pub(crate) at: u64,
    /// Of the commit that it came with.
    pub(crate) version: u64,
    /// Of its chunk, in the commit.
    pub(crate) place: u32,
    /// In the chunk.
    pub(crate) index: u32,
}

impl Position {
    /// Before every line of this time.
    pub(crate) fn before(at: i64) -> Self {
        Self { at: u64::try_from(at).unwrap_or(0), ..Self::default() }
    }

    /// Behind every line of this time.
    pub(crate) fn behind(at: i64) -> Self {
        let at = u64::try_from(at).unwrap_or(0);
        Self { at, version: u64::MAX, place: u32::MAX, index: u32::MAX }
    }

    /// 56 digits, which AWS uses for the id of an event too.
    pub(crate) fn digits(self) -> String {
        let Self { at, version, place, index } = self;
        format!("{at:014}{version:020}{place:010}{index:012}")
    }

    pub(crate) fn parse(digits: &str) -> Option<Self> {
        if digits.len() != WIDTHS.iter().sum::<usize>() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (at, rest) = digits.split_at_checked(WIDTHS[0])?;
        let (version, rest) = rest.split_at_checked(WIDTHS[1])?;
        let (place, index) = rest.split_at_checked(WIDTHS[2])?;
        Some(Self {
            at: at.parse().ok()?,
            version: version.parse().ok()?,
            place: place.parse().ok()?,
            index: index.parse().ok()?,
        })
    }
}

/// Where a reader stands, and where it goes from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    Forward(Position),
    Backward(Position),
}

impl Cursor {
    /// As AWS writes it.
    pub(crate) fn token(self) -> String {
        match self {
            Self::Forward(position) => format!("f/{}/s", position.digits()),
            Self::Backward(position) => format!("b/{}/s", position.digits()),
        }
    }

    /// # Errors
    /// If it is none of ours.
    pub(crate) fn parse(token: &str) -> Result<Self, AwsError> {
        let position = |rest: &str| Position::parse(rest.strip_suffix("/s").unwrap_or(rest));
        let forward = token.strip_prefix("f/").and_then(position).map(Self::Forward);
        let backward = || token.strip_prefix("b/").and_then(position).map(Self::Backward);
        forward.or_else(backward).ok_or_else(invalid_token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_again_and_keep_the_order() {
        let position = Position { at: 1_893_456_000_000, version: 77, place: 3, index: 12 };
        for cursor in [
            Cursor::Forward(position),
            Cursor::Backward(position),
            Cursor::Forward(Position::behind(5)),
            Cursor::Backward(Position::default()),
        ] {
            assert_eq!(Cursor::parse(&cursor.token()).ok(), Some(cursor));
        }
        assert_eq!(position.digits().len(), 56);
        assert!(position.digits() < Position { index: 13, ..position }.digits());
        for wrong in ["", "f/", "invalid", "f/12/s", "x/00000000000000000000000000000000000000000000000000000000/s"] {
            assert!(Cursor::parse(wrong).is_err(), "{wrong}");
        }
    }
}
