//! Small edits of text files that keep their order.

use anyhow::{Context, Result, bail};

/// Inserts `line` among the lines that start with `prefix` (one block, sorted), or at the end where there are none.
pub(crate) fn insert_sorted(text: &str, prefix: &str, line: &str) -> Result<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.contains(&line) {
        bail!("there already: {line}");
    }
    let of_kind = |l: &str| l.starts_with(prefix);
    let after = lines.iter().rposition(|l| of_kind(l) && *l < line);
    let first = lines.iter().position(|l| of_kind(l));
    let at = after.map(|i| i + 1).or(first).unwrap_or(lines.len());
    lines.insert(at, line);
    Ok(lines.join("\n") + "\n")
}

/// `implemented = […]` with one more name, one a line, sorted.
pub(crate) fn with_operation(text: &str, names: &[String]) -> Result<String> {
    let (before, rest) = text.split_once("implemented = [").context("no `implemented = [` in it")?;
    let (_, after) = rest.split_once(']').context("`implemented` isn't closed")?;
    let list: String = names.iter().map(|name| format!("  \"{name}\",\n")).collect();
    Ok(format!("{before}implemented = [\n{list}]{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_where_their_order_says() {
        let text = "//! Doc.\n\nmod a;\nmod c;\n\nfn x() {}\n";
        assert_eq!(insert_sorted(text, "mod ", "mod b;").unwrap(), "//! Doc.\n\nmod a;\nmod b;\nmod c;\n\nfn x() {}\n");
        assert!(insert_sorted(text, "mod ", "mod a;").is_err());
        assert_eq!(insert_sorted("mod b;\n", "mod ", "mod a;").unwrap(), "mod a;\nmod b;\n");
    }

    #[test]
    fn the_list_of_operations_is_rewritten_alone() {
        let names = ["A".to_owned(), "B".to_owned()];
        let text = with_operation("# why\nimplemented = [\"A\"]\n[x]\ny = 1\n", &names).unwrap();
        assert_eq!(text, "# why\nimplemented = [\n  \"A\",\n  \"B\",\n]\n[x]\ny = 1\n");
    }
}
