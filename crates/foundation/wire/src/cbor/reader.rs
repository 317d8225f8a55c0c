//! A reader over CBOR that hands out what it meets; it builds no tree.

/// Arrays, maps and tags inside each other: no real request of AWS comes near.
const MAX_DEPTH: u16 = 128;

/// The head of a data item. Lengths of `None` are indefinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Item {
    Unsigned(u64),
    /// −1 less this.
    Negative(u64),
    Bytes(Option<usize>),
    Text(Option<usize>),
    Array(Option<usize>),
    Map(Option<usize>),
    Tag(u64),
    Bool(bool),
    Null,
    Float(f64),
    Break,
}

#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    depth: u16,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: 0 }
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Runs `read` one level deeper; `None` at the limit.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let value = read(self)?;
        self.depth -= 1;
        Some(value)
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// The next head.
    pub(super) fn item(&mut self) -> Option<Item> {
        let [first] = self.array()?;
        let (major, low) = (first >> 5, first & 0x1f);
        if major == 7 {
            return self.simple(low);
        }
        let argument = self.argument(low)?;
        let length = || argument.map_or(Some(None), |length| usize::try_from(length).ok().map(Some));
        Some(match major {
            0 => Item::Unsigned(argument?),
            1 => Item::Negative(argument?),
            2 => Item::Bytes(length()?),
            3 => Item::Text(length()?),
            4 => Item::Array(length()?),
            5 => Item::Map(length()?),
            _ => Item::Tag(argument?),
        })
    }

    /// Inside is `None` for an indefinite length.
    fn argument(&mut self, low: u8) -> Option<Option<u64>> {
        Some(Some(match low {
            0..=23 => low.into(),
            24 => u8::from_be_bytes(self.array()?).into(),
            25 => u16::from_be_bytes(self.array()?).into(),
            26 => u32::from_be_bytes(self.array()?).into(),
            27 => u64::from_be_bytes(self.array()?),
            31 => return Some(None),
            _ => return None,
        }))
    }

    fn simple(&mut self, low: u8) -> Option<Item> {
        Some(match low {
            20 => Item::Bool(false),
            21 => Item::Bool(true),
            22 | 23 => Item::Null,
            25 => Item::Float(half(u16::from_be_bytes(self.array()?))),
            26 => Item::Float(f32::from_be_bytes(self.array()?).into()),
            27 => Item::Float(f64::from_be_bytes(self.array()?)),
            31 => Item::Break,
            _ => return None,
        })
    }

    /// The bytes of a string whose head has been read: in one piece, or in pieces of the same kind until a break.
    pub(super) fn string(&mut self, length: Option<usize>, text: bool) -> Option<Vec<u8>> {
        if let Some(length) = length {
            return self.take(length).map(<[u8]>::to_vec);
        }
        let mut whole = Vec::new();
        loop {
            match self.item()? {
                Item::Break => return Some(whole),
                Item::Bytes(Some(length)) if !text => whole.extend_from_slice(self.take(length)?),
                Item::Text(Some(length)) if text => whole.extend_from_slice(self.take(length)?),
                _ => return None,
            }
        }
    }

    /// Passes over the rest of an item whose head has been read.
    pub(super) fn skip(&mut self, item: Item) -> Option<()> {
        match item {
            Item::Bytes(length) => self.string(length, false).map(drop),
            Item::Text(length) => self.string(length, true).map(drop),
            Item::Array(length) => self.deeper(|reader| reader.skip_all(length)),
            Item::Map(length) => self.deeper(|reader| reader.skip_all(length.map(|pairs| pairs.saturating_mul(2)))),
            Item::Tag(_) => self.deeper(|reader| {
                let inner = reader.item()?;
                reader.skip(inner)
            }),
            Item::Break => None,
            _ => Some(()),
        }
    }

    fn skip_all(&mut self, length: Option<usize>) -> Option<()> {
        let mut left = length;
        while let Some(item) = self.next_of(&mut left)? {
            self.skip(item)?;
        }
        Some(())
    }

    /// The head of the next element of an array or map; inside is `None` behind the last.
    pub(super) fn next_of(&mut self, left: &mut Option<usize>) -> Option<Option<Item>> {
        match left {
            Some(0) => Some(None),
            Some(count) => {
                *count -= 1;
                self.item().map(Some)
            }
            None => match self.item()? {
                Item::Break => Some(None),
                item => Some(Some(item)),
            },
        }
    }
}

/// A half-precision number.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let fraction = f64::from(bits & 0x3ff);
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::half;

    #[test]
    fn halves() {
        assert_eq!(half(0x3c00), 1.0);
        assert_eq!(half(0xc000), -2.0);
        assert_eq!(half(0x0001), 2f64.powi(-24));
        assert_eq!(half(0x7c00), f64::INFINITY);
        assert!(half(0x7e00).is_nan());
    }
}
