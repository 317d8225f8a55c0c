//! Small edits of text files that keep their order.

use anyhow::{Context, Result, bail};

use super::names::snake;

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

/// Inserts `block` before the brace that closes the first block whose opening line satisfies `opens`.
pub(crate) fn insert_at_end_of_block(text: &str, opens: impl Fn(&str) -> bool, block: &str) -> Result<String> {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| opens(line)).context("the place for it wasn't found")?;
    let length = lines.iter().skip(start).position(|line| *line == "}").context("the block isn't closed")?;
    let (head, tail) = lines.split_at(start + length);
    Ok(format!("{}\n{}\n{}\n", head.join("\n"), block.trim_end(), tail.join("\n")))
}

/// `implemented = […]` with one more name, one a line, sorted.
pub(crate) fn with_operation(text: &str, names: &[String]) -> Result<String> {
    let (before, rest) = text.split_once("implemented = [").context("no `implemented = [` in it")?;
    let (_, after) = rest.split_once(']').context("`implemented` isn't closed")?;
    let list: String = names.iter().map(|name| format!("  \"{name}\",\n")).collect();
    Ok(format!("{before}implemented = [\n{list}]{after}"))
}

/// Names a new operation wherever, and in whatever way, its neighbour is named.
pub(crate) struct Copy<'a> {
    from: (&'a str, String),
    to: (&'a str, String),
}

impl<'a> Copy<'a> {
    pub(crate) fn new(from: &'a str, to: &'a str) -> Self {
        Self { from: (from, snake(from)), to: (to, snake(to)) }
    }

    pub(crate) fn is_named(&self, text: &str) -> bool {
        text.lines().any(|line| self.names(line))
    }

    /// Each line that names the neighbour (with its block, where it opens one) is followed by one that names the new
    /// one instead; before it, where the new one comes first.
    pub(crate) fn beside(&self, text: &str) -> Result<String> {
        let mut out = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if !self.names(line) {
                out.push(line.to_owned());
                continue;
            }
            if is_import(line) {
                out.push(self.imported(line));
                continue;
            }
            let mut block = vec![line];
            while line.ends_with('{') && block.last() != Some(&"    }") {
                block.push(lines.next().context("a block isn't closed")?);
            }
            let new: Vec<String> = block.iter().map(|line| self.renamed(line)).collect();
            let old = block.into_iter().map(str::to_owned);
            if self.to.0 < self.from.0 { out.extend(new.into_iter().chain(old)) } else { out.extend(old.chain(new)) }
        }
        Ok(out.join("\n") + "\n")
    }

    fn names(&self, line: &str) -> bool {
        !line.trim_start().starts_with("//") && self.renamed(line) != line
    }

    /// A list of names to import, with the new ones among them; rustfmt sorts it.
    fn imported(&self, line: &str) -> String {
        let (from, to) = (format!("{}Input", self.from.0), self.to.0);
        line.replacen(&from, &format!("{to}Input, {to}Output, {from}"), 1)
    }

    fn renamed(&self, line: &str) -> String {
        let mut renamed = whole_words(line, &self.from.1, &self.to.1);
        for end in ["Input", "Output"] {
            renamed = renamed.replace(&format!("{}{end}", self.from.0), &format!("{}{end}", self.to.0));
        }
        renamed
    }
}

/// A line of a list of names, such as rustfmt makes of a long `use`.
fn is_import(line: &str) -> bool {
    line.starts_with("use ") || line.trim_end().ends_with(',') && !line.contains(['(', ':', '='])
}

/// Replaces the word where it isn't part of a longer one.
fn whole_words(line: &str, from: &str, to: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once(from) {
        let longer = before.ends_with(part) || out.ends_with(part) && before.is_empty() || after.starts_with(part);
        out.push_str(before);
        out.push_str(if longer { from } else { to });
        rest = after;
    }
    out + rest
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
    fn blocks_grow_at_their_end() {
        let text = "impl A for B {\n    fn a() {}\n}\n\nstruct C {\n}\n";
        let grown = insert_at_end_of_block(text, |l| l.starts_with("impl"), "    fn b() {}").unwrap();
        assert_eq!(grown, "impl A for B {\n    fn a() {}\n    fn b() {}\n}\n\nstruct C {\n}\n");
    }

    #[test]
    fn the_list_of_operations_is_rewritten_alone() {
        let names = ["A".to_owned(), "B".to_owned()];
        let text = with_operation("# why\nimplemented = [\"A\"]\n[x]\ny = 1\n", &names).unwrap();
        assert_eq!(text, "# why\nimplemented = [\n  \"A\",\n  \"B\",\n]\n[x]\ny = 1\n");
    }

    #[test]
    fn an_operation_is_named_beside_its_neighbour_in_the_same_way() {
        let copy = Copy::new("GetApi", "GetApiMapping");
        let list = "// get_api\nlist! {\n    get_api: GetApiInput => GetApiOutput,\n    get_apis: GetApisInput => GetApisOutput,\n}\n";
        let grown = "// get_api\nlist! {\n    get_api: GetApiInput => GetApiOutput,\n    get_api_mapping: GetApiMappingInput => GetApiMappingOutput,\n    get_apis: GetApisInput => GetApisOutput,\n}\n";
        assert_eq!(copy.beside(list).unwrap(), grown);
        assert_eq!(
            copy.beside("mod get_api;\nmod get_apis;\n").unwrap(),
            "mod get_api;\nmod get_api_mapping;\nmod get_apis;\n"
        );
        let method = "    fn get_api(x: GetApiInput) {\n        ops::get_api(x)\n    }\n}\n";
        let two = "    fn get_api(x: GetApiInput) {\n        ops::get_api(x)\n    }\n    fn get_api_mapping(x: GetApiMappingInput) {\n        ops::get_api_mapping(x)\n    }\n}\n";
        assert_eq!(copy.beside(method).unwrap(), two);
        let import = "use a::{\n    GetApiInput, GetApiOutput, X,\n};\n";
        let more = "use a::{\n    GetApiMappingInput, GetApiMappingOutput, GetApiInput, GetApiOutput, X,\n};\n";
        assert_eq!(copy.beside(import).unwrap(), more);
        assert!(!copy.is_named("get_apis"));
    }
}
