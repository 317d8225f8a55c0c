//! Payloads: kept once, in the row they belong to if they are small, and otherwise apart, in pieces.

use serde::{Deserialize, Serialize};
use updraft_kernel::AwsError;
use updraft_store::Tx;

use super::arn::ExecutionId;
use super::keys::ChunkKey;
use super::rows::ChunkRow;
use crate::table;

/// Bytes that are kept in place: an operation and its events each have them.
const IN_PLACE: usize = 2048;
/// Bytes of a piece, well below what a store's value may be.
const PIECE: usize = 128 << 10;

/// Text, or where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Data {
    Here(String),
    Apart { number: u64, bytes: u64 },
}

impl Data {
    /// In bytes.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Here(text) => u64::try_from(text.len()).unwrap_or(u64::MAX),
            Self::Apart { bytes, .. } => *bytes,
        }
    }

    /// Puts the text where it belongs; `number` is what it is kept under, if it is kept apart, which is told.
    ///
    /// # Errors
    /// If a piece can't be encoded.
    pub(crate) fn put(tx: &mut Tx, id: &ExecutionId, number: u64, text: String) -> Result<(Self, bool), AwsError> {
        if text.len() <= IN_PLACE {
            return Ok((Self::Here(text), false));
        }
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        for (nth, piece) in (0..).zip(pieces(&text)) {
            tx.put_row(&ChunkKey(id, number, nth), &ChunkRow(piece.to_owned()))?;
        }
        Ok((Self::Apart { number, bytes }, true))
    }

    /// The text.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn text(&self, tx: &mut Tx, id: &ExecutionId) -> Result<String, AwsError> {
        match self {
            Self::Here(text) => Ok(text.clone()),
            Self::Apart { number, .. } => {
                let pieces = table::all::<ChunkKey<'_>>(tx, ChunkKey::of(id, *number)).await?;
                Ok(pieces.into_iter().map(|(_, ChunkRow(piece))| piece).collect())
            }
        }
    }
}

/// What an option of data says.
///
/// # Errors
/// As [`Data::text`].
pub(crate) async fn text_of(tx: &mut Tx, id: &ExecutionId, data: Option<&Data>) -> Result<Option<String>, AwsError> {
    match data {
        Some(data) => data.text(tx, id).await.map(Some),
        None => Ok(None),
    }
}

/// Each as long as may be without cutting a character.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut end = PIECE.min(rest.len());
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, left) = rest.split_at(end);
        rest = left;
        Some(piece).filter(|piece| !piece.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_text_again_and_cut_no_character() {
        for text in ["".to_owned(), "a".into(), "ä".repeat(PIECE), format!("a{}", "𝄞".repeat(PIECE / 2))] {
            let cut: Vec<&str> = pieces(&text).collect();
            assert_eq!(cut.concat(), text);
            assert!(cut.iter().all(|piece| piece.len() <= PIECE && !piece.is_empty()));
        }
    }
}
