//! What all batches have in common: their entries have ids, and fail one by one.

use std::collections::HashSet;

use updraft_api_sqs::types::BatchResultErrorEntry;
use updraft_kernel::{AwsError, Fault};

use crate::refusals::{no_entries, no_entry_id, not_distinct, too_many_entries};

/// AWS: a batch has at most so many entries.
const MOST: usize = 10;

/// `entry`: as the model names them.
///
/// # Errors
/// In AWS's words, of the whole batch.
pub(crate) fn check_ids<'a>(entry: &str, ids: impl ExactSizeIterator<Item = &'a str>) -> Result<(), AwsError> {
    match ids.len() {
        0 => return Err(no_entries(entry)),
        count if count > MOST => return Err(too_many_entries(count)),
        _ => {}
    }
    let mut known = HashSet::new();
    for id in ids {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=80).contains(&id.len()) || !id.bytes().all(legal) {
            return Err(no_entry_id());
        }
        if !known.insert(id) {
            return Err(not_distinct(id));
        }
    }
    Ok(())
}

/// An entry that failed, as the whole operation would have with it alone.
pub(crate) fn failed(id: String, error: &AwsError) -> BatchResultErrorEntry {
    let code = error.code();
    BatchResultErrorEntry {
        id,
        sender_fault: code.fault == Fault::Sender,
        code: code.query_code.unwrap_or(code.name).to_owned(),
        message: Some(error.message().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(ids: &[&str]) -> Option<&'static str> {
        check_ids("Entry", ids.iter().copied()).err().map(|err| err.code().name)
    }

    #[test]
    fn both_sides_of_each_boundary() {
        let many: Vec<String> = (0..11).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(code(&many[..10]), None);
        assert_eq!(code(&many), Some("TooManyEntriesInBatchRequest"));
        assert_eq!(code(&[]), Some("EmptyBatchRequest"));
        assert_eq!(code(&["a", "b", "a"]), Some("BatchEntryIdsNotDistinct"));
        assert_eq!(code(&[&"a".repeat(80), "A-b_1"]), None);
        for bad in ["", "a:b", "ä", &"a".repeat(81)] {
            assert_eq!(code(&[bad]), Some("InvalidBatchEntryId"), "{bad}");
        }
    }
}
