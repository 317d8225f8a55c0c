//! Task tokens: drawn by lot, with a check at their end. So what was a token once is told from what never was one, though
//! nothing of it is kept.

use updraft_kernel::RngExt;

use super::Chance;

/// What they are made of.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const DRAWN: usize = 112;

pub(super) fn draw(chance: Chance<'_>) -> String {
    let drawn = chance.text(LETTERS, DRAWN);
    let check = check(&drawn);
    drawn + &check
}

/// Whether it was drawn here. Whoever wants to can make such a text: it says nothing of a task.
pub fn may_be_token(text: &str) -> bool {
    text.split_at_checked(DRAWN).is_some_and(|(drawn, rest)| rest == check(drawn))
}

fn check(drawn: &str) -> String {
    format!("{:08x}", crc32fast::hash(drawn.as_bytes()))
}

#[cfg(test)]
mod tests {
    use updraft_kernel::SeededRng;

    use super::*;

    #[test]
    fn tokens_are_told_from_other_texts() {
        let token = draw(&SeededRng::new(1));
        assert!(may_be_token(&token));
        assert!(!may_be_token(&token.to_lowercase()));
        assert!(!may_be_token(&token[1..]) && !may_be_token("") && !may_be_token(&"\u{20ac}".repeat(40)));
    }
}
