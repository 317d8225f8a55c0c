//! What the platform hands out and is handed back: checkpoint tokens and the ids of callbacks. Opaque to clients, and
//! good for the account they were given to: whoever shows one has been asked who they are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::rows::{Phase, Turn};

/// Good for one checkpoint of one attempt of one invocation.
pub(crate) fn checkpoint(id: &str, turn: &Turn) -> String {
    let Turn { number, attempt, checkpoints, .. } = turn;
    STANDARD.encode(format!("1 {id} {number} {attempt} {checkpoints}"))
}

/// Whether the token is the one that counts now.
pub(crate) fn is_current(token: &str, id: &str, turn: &Turn) -> bool {
    matches!(turn.phase, Phase::Running { closed: false, .. }) && token == checkpoint(id, turn)
}

pub(crate) fn callback(id: &str, operation: u64) -> String {
    STANDARD.encode(format!("1 {id} {operation}"))
}

/// The execution and the operation. `None`: no such id was ever given out.
pub(crate) fn read_callback(callback: &str) -> Option<(String, u64)> {
    let text = String::from_utf8(STANDARD.decode(callback).ok()?).ok()?;
    let mut words = text.strip_prefix("1 ")?.split(' ');
    let read = (words.next()?.to_owned(), words.next()?.parse().ok()?);
    words.next().is_none().then_some(read)
}

#[cfg(test)]
mod tests {
    use updraft_kernel::UnixMillis;

    use super::*;

    fn running(closed: bool) -> Turn {
        let phase = Phase::Running { request_id: "r".into(), started: UnixMillis(0), closed };
        Turn { number: 3, attempt: 2, checkpoints: 9, phase, ..Turn::default() }
    }

    #[test]
    fn a_token_is_good_for_one_moment_of_one_execution() {
        let turn = running(false);
        let token = checkpoint("x", &turn);
        assert!(is_current(&token, "x", &turn));
        assert!(!is_current(&token, "y", &turn));
        for other in [
            Turn { number: 4, ..turn.clone() },
            Turn { attempt: 3, ..turn.clone() },
            Turn { checkpoints: 10, ..turn.clone() },
            Turn { phase: Phase::Idle, ..turn.clone() },
            running(true),
        ] {
            assert!(!is_current(&token, "x", &other));
        }
    }

    #[test]
    fn callbacks_are_read_back_and_nothing_else_is() {
        assert_eq!(read_callback(&callback("x-y", 12)), Some(("x-y".into(), 12)));
        for bad in ["", "AAAA", &STANDARD.encode("1 x"), &STANDARD.encode("1 x 1 1"), &STANDARD.encode("2 x 1")] {
            assert_eq!(read_callback(bad), None);
        }
    }
}
