//! What a definition may read of the context object.

/// Whether the execution's input may be read: it is named, or the whole that it is part of.
pub(super) fn input(text: &str) -> bool {
    behind(text, "Execution").any(|rest| rest.starts_with(".Input") || !rest.starts_with('.'))
        || behind(text, "$$").any(|rest| !rest.starts_with('.'))
        || behind(text, "states.context").any(|rest| !rest.starts_with('.'))
}

/// What comes after each place where it stands.
fn behind<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(name).filter_map(|(at, name)| text.get(at + name.len()..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_lead_there_counts() {
        for text in [
            "$$.Execution.Input.x",
            "$$",
            "$$['Execution']",
            "$$.Execution",
            "$states.context",
            "$states.context.Execution",
        ] {
            assert!(input(text), "{text}");
        }
        for text in ["$.x", "$$.Execution.Id", "$$.Map.Item.Value", "$states.context.Execution.Name"] {
            assert!(!input(text), "{text}");
        }
    }
}
