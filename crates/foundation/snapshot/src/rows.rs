//! The payload of a frame of rows: each key and value behind its length (u32, big-endian).

use bytes::Bytes;

use crate::error::SnapshotError;

/// A key and its value.
pub(crate) type Pair = (Bytes, Bytes);

pub(crate) fn encode(rows: &[Pair]) -> Vec<u8> {
    let size = rows.iter().map(|(key, value)| key.len() + value.len() + 8).sum();
    let mut out = Vec::with_capacity(size);
    for part in rows.iter().flat_map(|(key, value)| [key, value]) {
        out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// # Errors
/// If the payload isn't of this shape.
pub(crate) fn decode(mut payload: &[u8], at: u64) -> Result<Vec<Pair>, SnapshotError> {
    let mut rows = Vec::new();
    while !payload.is_empty() {
        let pair = part(&mut payload).and_then(|key| Some((key, part(&mut payload)?)));
        rows.push(pair.ok_or_else(|| SnapshotError::damaged(at, "a row is cut off"))?);
    }
    Ok(rows)
}

/// Copied, so that a row that is kept in memory doesn't keep its whole frame.
fn part(payload: &mut &[u8]) -> Option<Bytes> {
    let (len, rest) = payload.split_first_chunk::<4>()?;
    let (part, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
    *payload = rest;
    Some(Bytes::copy_from_slice(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_rows() {
        let rows = vec![(Bytes::from("k"), Bytes::from("va")), (Bytes::from("l"), Bytes::new())];
        let bytes = b"\0\0\0\x01k\0\0\0\x02va\0\0\0\x01l\0\0\0\0";
        assert_eq!(encode(&rows), bytes);
        assert_eq!(decode(bytes, 0).unwrap(), rows);
        for len in (1..bytes.len()).filter(|len| *len != 11) {
            assert!(decode(&bytes[..len], 0).is_err(), "{len}");
        }
    }
}
