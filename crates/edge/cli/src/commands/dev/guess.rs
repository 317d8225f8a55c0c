//! What a folder's function is, by its files.

use std::path::Path;

use anyhow::{Context, Result};
use regex::Regex;

use super::package::read;
use crate::failure::Usage;

const PYTHON: &str = "python3.13";
const NODE: &str = "nodejs22.x";
const PROVIDED: &str = "provided.al2023";
/// Where handlers usually are, the likeliest first.
const STEMS: [&str; 6] = ["lambda_function", "app", "main", "index", "handler", "function"];
const IN_PYTHON: &str = r"(?m)^(?:def\s+)?(lambda_handler|handler)\s*[(=]";
const IN_NODE: &str =
    r"(?m)\b(?:exports\.|export\s+(?:const|let|var|async\s+function|function)\s+)(handler|lambdaHandler)\b";

/// How a function is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) runtime: String,
    pub(super) handler: String,
}

/// What was said, and what follows from the files for the rest.
pub(super) fn entry(folder: &Path, runtime: Option<&str>, handler: Option<&str>) -> Result<Entry> {
    let (runtime, handler) = match (runtime, handler) {
        (Some(runtime), Some(handler)) => (runtime.to_owned(), handler.to_owned()),
        (None, Some(handler)) => (runtime_of(folder, handler)?, handler.to_owned()),
        (said, None) => {
            let found = found(folder)?;
            (said.map_or(found.runtime, str::to_owned), found.handler)
        }
    };
    Ok(Entry { runtime, handler })
}

fn language(extension: &str) -> Option<&'static str> {
    match extension {
        "py" => Some(PYTHON),
        "mjs" | "js" | "cjs" => Some(NODE),
        _ => None,
    }
}

fn runtime_of(folder: &Path, handler: &str) -> Result<String> {
    let file = handler.rsplit_once('.').map_or(handler, |(file, _)| file);
    let there = |extension: &&str| folder.join(format!("{file}.{extension}")).is_file();
    let found = ["py", "mjs", "js", "cjs"].iter().find(|extension| there(extension)).and_then(|found| language(found));
    if found.is_none() && folder.join("bootstrap").is_file() {
        return Ok(PROVIDED.to_owned());
    }
    let wrong = || Usage(format!("there is no {file}.py and no {file}.mjs or .js for {handler}; say --runtime, too"));
    Ok(found.ok_or_else(wrong)?.to_owned())
}

fn found(folder: &Path) -> Result<Entry> {
    if folder.join("bootstrap").is_file() {
        return Ok(Entry { runtime: PROVIDED.to_owned(), handler: "bootstrap".to_owned() });
    }
    let sources = sources(folder).with_context(|| format!("can't read {}", folder.display()))?;
    Ok(chosen(handlers(&sources), folder)?)
}

/// A file's stem, extension and text.
type Source = (String, String, String);

fn sources(folder: &Path) -> std::io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    for file in folder.read_dir()? {
        let path = file?.path();
        let part =
            |part: Option<&std::ffi::OsStr>| part.and_then(std::ffi::OsStr::to_str).unwrap_or_default().to_owned();
        let (stem, extension) = (part(path.file_stem()), part(path.extension()));
        if language(&extension).is_some() && path.is_file() {
            sources.push((stem, extension, String::from_utf8_lossy(&read(&path)?).into_owned()));
        }
    }
    Ok(sources)
}

/// All there are, the likeliest first; and how likely they are by their place in [`STEMS`].
fn handlers(sources: &[Source]) -> Vec<(usize, Entry)> {
    let (python, node) = (Regex::new(IN_PYTHON), Regex::new(IN_NODE));
    let mut found = Vec::new();
    for (stem, extension, text) in sources {
        let Some(runtime) = language(extension) else { continue };
        let Ok(pattern) = (if runtime == PYTHON { &python } else { &node }) else { continue };
        let Some(name) = pattern.captures(text).and_then(|captures| captures.get(1)) else { continue };
        let place = STEMS.iter().position(|usual| usual == stem).unwrap_or(STEMS.len());
        let handler = format!("{stem}.{}", name.as_str());
        found.push((place, Entry { runtime: runtime.to_owned(), handler }));
    }
    found.sort_by(|(a, left), (b, right)| a.cmp(b).then_with(|| left.handler.cmp(&right.handler)));
    found
}

fn chosen(found: Vec<(usize, Entry)>, folder: &Path) -> Result<Entry, Usage> {
    match found.as_slice() {
        [] => Err(Usage(format!(
            "there is no handler in {}: a function is a file with `def handler(event, context)` in Python or `export \
             const handler` in JavaScript, or an executable `bootstrap`; say which by --handler FILE.NAME",
            folder.display()
        ))),
        [(first, _), (second, _), ..] if first == second => {
            let names: Vec<_> = found.iter().filter(|(at, _)| at == first).map(|(_, entry)| &*entry.handler).collect();
            Err(Usage(format!("several files could be it: {}; say which by --handler", names.join(", "))))
        }
        [(_, entry), ..] => Ok(entry.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str, &str)], expected: Result<(&str, &str), &str>) {
        let owned =
            |(stem, extension, text): &(&str, &str, &str)| ((*stem).into(), (*extension).into(), (*text).into());
        let sources: Vec<Source> = files.iter().map(owned).collect();
        match (chosen(handlers(&sources), Path::new("f")), expected) {
            (Ok(found), Ok(expected)) => assert_eq!((&*found.runtime, &*found.handler), expected),
            (Err(found), Err(expected)) => assert!(found.0.contains(expected), "{found}"),
            (found, _) => panic!("{found:?} of {files:?}"),
        }
    }

    #[test]
    fn handlers_are_found_by_how_they_are_written() {
        check(&[("app", "py", "import os\ndef handler(event, context):\n")], Ok((PYTHON, "app.handler")));
        check(&[("x", "py", "handler = App()\n")], Ok((PYTHON, "x.handler")));
        check(&[("index", "mjs", "export const handler = async () => 1;")], Ok((NODE, "index.handler")));
        check(&[("index", "js", "exports.handler = async () => 1;")], Ok((NODE, "index.handler")));
        check(&[("a", "cjs", "module.exports.lambdaHandler = f")], Ok((NODE, "a.lambdaHandler")));
        check(&[("app", "py", "  def handler(self):"), ("b", "js", "// handler")], Err("--handler FILE.NAME"));
    }

    #[test]
    fn of_several_the_usual_one_is_taken_and_of_equals_none() {
        let handler = "def handler(e, c): pass";
        check(&[("zoo", "py", handler), ("main", "py", handler)], Ok((PYTHON, "main.handler")));
        check(&[("b", "py", handler), ("a", "py", handler)], Err("a.handler, b.handler"));
        check(&[], Err("no handler"));
    }
}
