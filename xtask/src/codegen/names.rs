//! Rust's names for the model's.

/// `SSESpecification` → `sse_specification`, `ARNs` → `arns`, `IPv6` → `ipv6`.
pub(crate) fn snake(name: &str) -> String {
    words(name).join("_")
}

/// A field or method: a snake-case name that is no keyword.
pub(crate) fn field(name: &str) -> String {
    raw(&snake(name))
}

/// `ResourceNotFoundException` → `RESOURCE_NOT_FOUND_EXCEPTION`.
pub(crate) fn screaming(name: &str) -> String {
    snake(name).to_uppercase()
}

/// A type of the model, kept as the model writes it where that is a Rust name.
pub(crate) fn type_name(name: &str) -> String {
    let mut name = name.trim_start_matches('_').to_owned();
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    // The generated code needs these for themselves.
    if ["String", "Option", "Vec", "Box", "Bytes", "Document"].contains(&name.as_str()) { name + "Type" } else { name }
}

/// `PAY_PER_REQUEST` → `PayPerRequest`, `nodejs22.x` → `Nodejs22X`.
pub(crate) fn variant(value: &str) -> String {
    let name: String = words(value).iter().map(|word| capitalised(word)).collect();
    match name.chars().next() {
        None => "Empty".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("V{name}"),
        _ if name == "Unknown" || name == "Self" => format!("{name}Value"),
        _ => name,
    }
}

/// A static named exactly as in the model.
pub(crate) fn raw(name: &str) -> String {
    const KEYWORDS: &[&str] = &[
        "as", "async", "await", "break", "const", "continue", "dyn", "else", "enum", "extern", "false", "fn", "for",
        "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static",
        "struct", "trait", "true", "type", "unsafe", "use", "where", "while", "abstract", "become", "box", "do",
        "final", "macro", "override", "priv", "try", "typeof", "unsized", "virtual", "yield",
    ];
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let name = name.replace("IPv", "Ipv");
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        if before.is_some_and(|&before| starts_word(before, c, chars.get(at + 1..).unwrap_or_default())) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn starts_word(before: char, c: char, after: &[char]) -> bool {
    if !c.is_ascii_uppercase() {
        return false;
    }
    if !before.is_ascii_uppercase() {
        return true;
    }
    // The last capital of a run belongs to the next word, unless what follows is only the plural of the run.
    let plural = after.first() == Some(&'s') && after.get(1).is_none_or(|next| !next.is_ascii_lowercase());
    after.first().is_some_and(char::is_ascii_lowercase) && !plural
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_people_would_write_them() {
        let cases = [
            ("SSESpecification", "sse_specification"),
            ("TableName", "table_name"),
            ("KMSMasterKeyId", "kms_master_key_id"),
            ("S3Bucket", "s3_bucket"),
            ("TableARNs", "table_arns"),
            ("NULL", "null"),
            ("IPv6Address", "ipv6_address"),
            ("subnet-ids", "subnet_ids"),
        ];
        for (name, expected) in cases {
            assert_eq!(snake(name), expected);
        }
        assert_eq!(variant("PAY_PER_REQUEST"), "PayPerRequest");
        assert_eq!(variant("nodejs22.x"), "Nodejs22X");
        assert_eq!(variant("2.0"), "V20");
        assert_eq!(field("Type"), "r#type");
        assert_eq!(type_name("__stringMin1"), "StringMin1");
    }
}
