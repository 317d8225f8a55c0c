//! A graph in Mermaid's words, for documents.

use std::fmt::Write;

use super::read::{EdgeKind, Graph};

pub(crate) fn mermaid(graph: &Graph) -> String {
    let mut text = "flowchart TD\n".to_owned();
    level(graph, "s", 1, &mut text);
    text
}

/// `path` makes the names of its nodes unlike those of other levels.
fn level(graph: &Graph, path: &str, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for (at, node) in graph.nodes.iter().enumerate() {
        let (id, name) = (format!("{path}{at}"), quoted(&node.name));
        if node.inner.is_empty() {
            let (open, close) = match node.kind.as_str() {
                "Choice" => ("{", "}"),
                "Start" | "End" => ("([", "])"),
                _ => ("[", "]"),
            };
            writeln!(text, "{indent}{id}{open}\"{name}\"{close}").ok();
            continue;
        }
        writeln!(text, "{indent}subgraph {id}[\"{name}\"]").ok();
        for (branch, inner) in node.inner.iter().enumerate() {
            level(inner, &format!("{id}_{branch}_"), depth + 1, text);
        }
        writeln!(text, "{indent}end").ok();
    }
    for edge in &graph.edges {
        let line = if edge.kind == EdgeKind::Catch { "-.->" } else { "-->" };
        let label = if edge.label.is_empty() { String::new() } else { format!("|\"{}\"|", quoted(&edge.label)) };
        writeln!(text, "{indent}{path}{} {line}{label} {path}{}", edge.from, edge.to).ok();
    }
}

/// Mermaid takes HTML's names of characters between quotes.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | ',' | ':' | '/' | '$' | '(' | ')');
    text.chars().fold(String::new(), |mut out, c| {
        if plain(c) {
            out.push(c);
        } else {
            write!(out, "#{};", u32::from(c)).ok();
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::read;
    use super::*;

    #[test]
    fn levels_and_labels_are_written() {
        let graph = read(&json!({ "StartAt": "Is <it>?", "States": {
            "Is <it>?": { "Type": "Choice", "Choices": [{ "Condition": "{% $a > 1 %}", "Next": "Done" }], "Default": "Done" },
            "Done": { "Type": "Map", "End": true, "Iterator": { "StartAt": "One", "States": { "One": { "Type": "Pass", "End": true } } } },
        } }));
        assert_eq!(
            mermaid(&graph),
            "flowchart TD\n  s0{\"Is #60;it#62;#63;\"}\n  subgraph s1[\"Done\"]\n    s1_0_0[\"One\"]\n  end\n  \
             s2([\"Start\"])\n  s3([\"End\"])\n  s2 --> s0\n  s0 -->|\"$a #62; 1 or otherwise\"| s1\n  s1 --> s3\n"
        );
    }
}
