//! A door for fuzzing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use updraft_kernel::UnixMillis;

use super::fields::Fields;
use super::policy::{Given, check};

/// Any text as a form's policy, as it came and as what it would be once decoded: nothing is let in that it doesn't speak of.
///
/// # Panics
/// If something is.
pub fn post_policy(policy: &str, (field, value): (&str, &str)) {
    let mut fields = Fields::default();
    fields.put(field, value.to_owned());
    let given = Given { bucket: "b", fields: &fields };
    std::hint::black_box(check(policy, given, UnixMillis(0)).ok());
    let lets_in = check(&STANDARD.encode(policy), given, UnixMillis(0)).is_ok();
    let name = field.to_ascii_lowercase();
    let free = super::policy::FREE.contains(&name.as_str()) || name.starts_with("x-ignore-");
    // Names may be written with escapes.
    let spoken = policy.contains('\\') || policy.to_ascii_lowercase().contains(&name);
    assert!(!lets_in || free || spoken, "{policy} lets {field} in");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_opens() {
        let conditions = r#"{"expiration":"2030-01-01T00:00:00Z","conditions":[["starts-with","$key","a"]]}"#;
        for policy in [conditions, "", "*", "{}", r#"{"expiration":1,"conditions":[[]]}"#] {
            post_policy(policy, ("key", "ab"));
            post_policy(policy, ("acl", "private"));
            post_policy(policy, ("", ""));
        }
    }
}
