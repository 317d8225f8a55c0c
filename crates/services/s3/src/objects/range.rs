//! The `Range` header.

/// Bytes of an object: where they begin, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// What a header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It means nothing, or several things: all is answered.
    All,
    Span(Span),
    /// Nothing of it is there.
    None,
}

impl Span {
    pub(crate) fn whole(size: u64) -> Self {
        Self { start: 0, length: size }
    }

    /// As `Content-Range` says it.
    pub(crate) fn text(self, size: u64) -> String {
        format!("bytes {}-{}/{size}", self.start, (self.start + self.length).saturating_sub(1))
    }
}

/// Of an object of that size.
pub(crate) fn parse(header: &str, size: u64) -> Asked {
    let Some((first, last)) = header.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Asked::All;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    match (number(first), number(last)) {
        (None, Some(suffix)) if first.is_empty() => last_bytes(suffix, size),
        (Some(start), None) if last.is_empty() => span(start, u64::MAX, size),
        (Some(start), Some(end)) if start <= end => span(start, end, size),
        _ => Asked::All,
    }
}

fn last_bytes(suffix: u64, size: u64) -> Asked {
    let length = suffix.min(size);
    if length == 0 { Asked::None } else { Asked::Span(Span { start: size - length, length }) }
}

fn span(start: u64, end: u64, size: u64) -> Asked {
    if start >= size {
        return Asked::None;
    }
    Asked::Span(Span { start, length: end.min(size - 1) - start + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let span = |start, length| Asked::Span(Span { start, length });
        for (header, asked) in [
            ("bytes=0-0", span(0, 1)),
            ("bytes=2-4", span(2, 3)),
            ("bytes=2-", span(2, 8)),
            ("bytes=2-99", span(2, 8)),
            ("bytes=9-9", span(9, 1)),
            ("bytes=-3", span(7, 3)),
            ("bytes=-99", span(0, 10)),
            ("bytes=0-99999999999999999999999", span(0, 10)),
            ("bytes=10-", Asked::None),
            ("bytes=-0", Asked::None),
            ("bytes=4-2", Asked::All),
            ("bytes=-", Asked::All),
            ("bytes=0-1,3-4", Asked::All),
            ("bytes=+1-2", Asked::All),
            ("items=0-1", Asked::All),
        ] {
            assert_eq!(parse(header, 10), asked, "{header}");
        }
        assert_eq!(parse("bytes=0-", 0), Asked::None);
        assert_eq!(Span { start: 2, length: 3 }.text(10), "bytes 2-4/10");
    }
}
