//! Writes `shapes.rs`: every shape of the model as a `static`.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail, ensure};

use super::Input;
use super::crate_root::header;
use super::model::{Namespace, Reference, Shape};
use super::names::raw;
use super::patterns;

const PREAMBLE: &str = r#"//! The shapes of the model.

#![expect(non_upper_case_globals, reason = "the names are the model's")]

use updraft_wire::model as t;
use updraft_wire::model::{Location, TimestampFormat};

"#;

pub(crate) fn write(input: &Input) -> Result<String> {
    let mut rows = String::new();
    for (name, shape) in input.model.shapes.iter() {
        row(&mut rows, input, name, shape).with_context(|| name.to_owned())?;
    }
    let names: Vec<String> = input.model.shapes.iter().map(|(name, _)| format!("&{}", raw(name))).collect();
    let all = format!(
        "/// Every shape, ordered by name.\npub static ALL: [&t::Shape; {}] = [{}];\n\n",
        names.len(),
        names.join(", ")
    );
    Ok(header(input) + &preamble(&rows) + &all + &rows)
}

/// Only the imports that the rows use.
fn preamble(rows: &str) -> String {
    let used: Vec<&str> =
        ["Location", "TimestampFormat"].into_iter().filter(|name| rows.contains(&format!("{name}::"))).collect();
    let wanted = match used.as_slice() {
        [] => String::new(),
        [one] => format!("use updraft_wire::model::{one};\n"),
        many => format!("use updraft_wire::model::{{{}}};\n", many.join(", ")),
    };
    PREAMBLE.replace("use updraft_wire::model::{Location, TimestampFormat};\n", &wanted)
}

fn row(rows: &mut String, input: &Input, name: &str, shape: &Shape) -> Result<()> {
    let skip = input.overrides.skip.contains(name);
    let ident = raw(name);
    let pattern = shape.pattern.as_ref().filter(|_| !skip);
    if let Some(pattern) = pattern {
        let expression = patterns::expression(pattern)?;
        writeln!(rows, "static P_{name}: t::Pattern = {expression};")?;
    }
    let wording = wording(input, name);
    if let Some(wording) = &wording {
        writeln!(rows, "static W_{name}: t::Wording = {wording};")?;
    }
    write!(rows, "pub static {ident}: t::Shape = {}", constructor(name, shape)?)?;
    if !skip {
        constraints(rows, name, shape)?;
    }
    if let (Some(element), true) = (&shape.member, input.overrides.listed.contains_key(name)) {
        write!(rows, ".values(&{:?})", input.model.shape(&element.shape)?.values)?;
    }
    if wording.is_some() {
        write!(rows, ".wording(&W_{name})")?;
    }
    traits(rows, shape)?;
    rows.push_str(";\n");
    Ok(())
}

/// How refusals say it, where that isn't what the model tells.
fn wording(input: &Input, name: &str) -> Option<String> {
    let (listed, not_null) = (input.overrides.listed.get(name), input.overrides.not_null.contains(name));
    let listed_or_none = listed.map_or(&[][..], Vec::as_slice);
    (listed.is_some() || not_null)
        .then(|| format!("t::Wording {{ listed: &{listed_or_none:?}, not_null: {not_null} }}"))
}

fn constructor(name: &str, shape: &Shape) -> Result<String> {
    let simple = |kind: &str| Ok(format!("t::{kind}({name:?})"));
    match shape.kind.as_str() {
        "structure" if shape.document => simple("document"),
        "structure" => structure(name, shape),
        "list" => {
            let element = shape.member.as_ref().context("a list without an element")?;
            Ok(format!("t::list({name:?}, &[{}])", entry("member", element)))
        }
        "map" => {
            let (key, value) = (shape.key.as_ref(), shape.value.as_ref());
            let key = entry("key", key.context("a map without a key")?);
            let value = entry("value", value.context("a map without a value")?);
            Ok(format!("t::map({name:?}, &[{key}, {value}])"))
        }
        "string" => simple("string"),
        "integer" => simple("integer"),
        "long" => simple("long"),
        "double" | "float" => simple("double"),
        "boolean" => simple("boolean"),
        "blob" => simple("blob"),
        "timestamp" => simple("timestamp"),
        other => bail!("a shape of type {other}"),
    }
}

fn structure(name: &str, shape: &Shape) -> Result<String> {
    let mut text = format!("t::structure({name:?}, &[");
    for (member_name, member) in shape.members.iter() {
        let required = shape.required.iter().any(|required| required == member_name);
        let required = if required { ".required()" } else { "" };
        write!(text, "\n    {}{required}{},", entry(member_name, member), member_traits(member)?)?;
    }
    text.push_str(if shape.members.len() == 0 { "])" } else { "\n])" });
    Ok(text)
}

/// A member, with its name on the wire where that differs.
fn entry(name: &str, reference: &Reference) -> String {
    let base = match name {
        "member" => format!("t::element(&{})", raw(&reference.shape)),
        _ => format!("t::member({name:?}, &{})", raw(&reference.shape)),
    };
    match &reference.location_name {
        Some(wire) if wire != name => format!("{base}.wire({wire:?})"),
        _ => base,
    }
}

fn member_traits(member: &Reference) -> Result<String> {
    let mut text = String::new();
    if let Some(location) = &member.location {
        let location = match location.as_str() {
            "header" => "Header",
            "headers" => "Headers",
            "querystring" => "Query",
            "uri" => "Uri",
            "statusCode" => "Status",
            other => bail!("a member at {other}"),
        };
        write!(text, ".at(Location::{location})")?;
    }
    namespace(&mut text, member.xml_namespace.as_ref())?;
    let flags = [
        (member.idempotency_token, "idempotency"),
        (member.flattened, "flattened"),
        (member.xml_attribute, "attribute"),
        (member.streaming, "streaming"),
        (member.host_label, "host_label"),
        (member.event_payload, "event_payload"),
        (member.event_header, "event_header"),
    ];
    push_flags(&mut text, &flags)?;
    Ok(text)
}

fn constraints(rows: &mut String, name: &str, shape: &Shape) -> Result<()> {
    for (bound, value) in [("min", shape.min), ("max", shape.max)] {
        if let Some(value) = value {
            ensure!(value.fract() == 0.0, "{bound} is not whole");
            write!(rows, ".{bound}({value:.0})")?;
        }
    }
    if shape.pattern.is_some() {
        write!(rows, ".pattern(&P_{name})")?;
    }
    if !shape.values.is_empty() {
        write!(rows, ".values(&{:?})", shape.values)?;
    }
    Ok(())
}

fn traits(rows: &mut String, shape: &Shape) -> Result<()> {
    if let Some(payload) = &shape.payload {
        let index =
            shape.members.iter().position(|(name, _)| name == payload).context("a payload that is no member")?;
        write!(rows, ".payload({index})")?;
    }
    match shape.timestamp_format.as_deref() {
        None => {}
        Some("iso8601") => rows.push_str(".format(TimestampFormat::Iso8601)"),
        Some("rfc822") => rows.push_str(".format(TimestampFormat::Rfc822)"),
        Some("unixTimestamp") => rows.push_str(".format(TimestampFormat::Epoch)"),
        Some(other) => bail!("timestamps as {other}"),
    }
    if let Some(name) = &shape.location_name {
        write!(rows, ".xml_name({name:?})")?;
    }
    namespace(rows, shape.xml_namespace.as_ref())?;
    let flags = [
        (shape.flattened, "flattened"),
        (shape.sensitive, "sensitive"),
        (shape.union, "union"),
        (shape.event_stream, "event_stream"),
    ];
    push_flags(rows, &flags)
}

fn namespace(text: &mut String, namespace: Option<&Namespace>) -> Result<()> {
    if let Some(Namespace { prefix, uri }) = namespace {
        write!(text, ".namespace({prefix:?}, {uri:?})")?;
    }
    Ok(())
}

fn push_flags(text: &mut String, flags: &[(bool, &str)]) -> Result<()> {
    for (_, name) in flags.iter().filter(|(set, _)| *set) {
        write!(text, ".{name}()")?;
    }
    Ok(())
}
