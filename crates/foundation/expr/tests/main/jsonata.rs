//! The language's reference suite.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};
use updraft_expr::jsonata::{Limits, Suite};

use crate::recordings;

/// Where the engine is known to say something else than the reference, and why that is let be.
const KNOWN: [&str; 0] = [];

#[test]
fn the_reference_suite_is_as_it_says() {
    let Some(folder) = recordings("jsonata") else { return };
    let mut wrong = Vec::new();
    let mut count = 0;
    for group in sorted(&folder.join("groups")) {
        for file in sorted(&group).into_iter().filter(|file| file.extension().is_some_and(|ext| ext == "json")) {
            let cases: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let cases = cases.as_array().cloned().unwrap_or_else(|| vec![cases]);
            for (at, case) in cases.iter().enumerate() {
                if !is_at_hand(&group, case) {
                    continue;
                }
                count += 1;
                if let Err(what) = check(&folder, &group, case) {
                    let name = file.strip_prefix(folder.join("groups")).unwrap().with_extension("");
                    wrong.push((format!("{}[{at}]", name.display()), what));
                }
            }
        }
    }
    let unknown: Vec<_> = wrong.iter().filter(|(name, _)| !KNOWN.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "{} of {count}: {unknown:#?}", unknown.len());
    assert_eq!(wrong.len(), KNOWN.len(), "known exceptions that are right by now");
    assert!(count > 800, "{count}");
}

fn sorted(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Five of the suite's longer expressions are not with it.
fn is_at_hand(group: &Path, case: &Value) -> bool {
    case.get("expr-file").and_then(Value::as_str).is_none_or(|name| group.join(name).exists())
}

fn check(folder: &Path, group: &Path, case: &Value) -> Result<(), String> {
    let text = match case.get("expr").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => std::fs::read_to_string(group.join(case["expr-file"].as_str().unwrap())).unwrap(),
    };
    let dataset = case.get("dataset").and_then(Value::as_str).map(|name| {
        let path = folder.join("datasets").join(format!("{name}.json"));
        serde_json::from_str::<Value>(&std::fs::read_to_string(&path).unwrap()).unwrap()
    });
    let input = case.get("data").cloned().or(dataset);
    let bindings = case.get("bindings").and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    let found = Suite::evaluate(&text, input.as_ref(), &bindings, limits(case));
    let code = case.get("code").or_else(|| case.pointer("/error/code")).and_then(Value::as_str);
    match (found, code) {
        (Err(said), Some(code)) if said.starts_with(code) => Ok(()),
        (Err(said), None) if case.get("error").is_some() => drop_ok(said),
        (Ok(None), None) if case.get("undefinedResult").is_some() => Ok(()),
        (Ok(Some(found)), None) if case.get("result").is_some_and(|wanted| equal(&found, wanted, unordered(case))) => {
            Ok(())
        }
        (found, _) => Err(format!("{text}\n  gives {found:?}\n  wanted {case}")),
    }
}

fn drop_ok(_: String) -> Result<(), String> {
    Ok(())
}

/// The depth is the reference's, which counts other steps than the engine: only where it must fail it is taken.
fn limits(case: &Value) -> Limits {
    let depth = case.get("depth").and_then(Value::as_u64).filter(|_| case.get("code").is_some());
    let depth = depth.and_then(|depth| usize::try_from(depth).ok()).unwrap_or(100_000);
    Limits { time: Duration::from_secs(60), depth, items: 10_000_000, bytes: 100 << 20 }
}

fn unordered(case: &Value) -> bool {
    case.get("unordered").and_then(Value::as_bool).unwrap_or(false)
}

/// Numbers by value: texts of the suite write some with a fraction.
fn equal(left: &Value, right: &Value, unordered: bool) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) if unordered => {
            left.len() == right.len() && left.iter().all(|l| right.iter().any(|r| equal(l, r, false)))
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| equal(l, r, false))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len() && left.iter().all(|(k, l)| right.get(k).is_some_and(|r| equal(l, r, false)))
        }
        _ => left == right,
    }
}
