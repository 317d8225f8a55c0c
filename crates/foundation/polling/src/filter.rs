//! Which records the function is to get. Pure.

use serde_json::Value;
use updraft_expr::pattern::Pattern;

/// Patterns of which a record must match one; without any, each record does.
#[derive(Debug)]
pub(crate) struct Filters(Vec<Filter>);

#[derive(Debug)]
enum Filter {
    /// AWS: an empty pattern takes everything.
    Any,
    Of(Pattern),
}

impl Filters {
    /// # Errors
    /// If one isn't a pattern: what nobody wants would be lost, so better nothing is polled at all.
    pub(crate) fn parse(patterns: &[String]) -> Result<Self, String> {
        patterns.iter().map(|text| Filter::parse(text)).collect::<Result<_, _>>().map(Self)
    }

    /// `seen`: the record as patterns see it; asked for only if there are any.
    pub(crate) fn take(&self, seen: impl FnOnce() -> Value) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let seen = seen();
        self.0.iter().any(|filter| match filter {
            Filter::Any => true,
            Filter::Of(pattern) => pattern.matches(&seen),
        })
    }
}

impl Filter {
    fn parse(text: &str) -> Result<Self, String> {
        match serde_json::from_str(text) {
            Ok(Value::Object(members)) if members.is_empty() => Ok(Self::Any),
            _ => Pattern::parse(text).map(Self::Of).map_err(|err| format!("PROBLEM: {err}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn takes(patterns: &[&str], seen: Value) -> bool {
        let patterns: Vec<_> = patterns.iter().map(ToString::to_string).collect();
        Filters::parse(&patterns).unwrap().take(|| seen)
    }

    #[test]
    fn one_of_them_is_enough_and_none_takes_all() {
        let (one, two) = (r#"{"a":[1]}"#, r#"{"b":["x"]}"#);
        assert!(takes(&[], json!({})) && takes(&["{}"], json!({})));
        assert!(takes(&[one, two], json!({"a": 1})) && takes(&[one, two], json!({"b": "x"})));
        assert!(!takes(&[one, two], json!({"a": 2, "b": "y"})));
    }

    #[test]
    fn what_is_no_pattern_is_said() {
        assert!(Filters::parse(&["5".into()]).unwrap_err().starts_with("PROBLEM: "));
    }
}
