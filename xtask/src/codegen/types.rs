//! Writes `types.rs`: the types of the implemented operations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Result, ensure};

use super::Input;
use super::crate_root::header;
use super::model::{Model, Operation, Reference, Shape};
use super::names::{field, type_name, variant};

pub(crate) fn write(input: &Input) -> Result<String> {
    let plan = Plan::new(input)?;
    let mut text = String::new();
    for (name, op) in input.model.operations.iter().filter(|(name, _)| input.overrides.implemented.contains(*name)) {
        operation(&mut text, &plan, name, op)?;
    }
    for name in &plan.nested {
        let shape = input.model.shape(name)?;
        match shape.kind.as_str() {
            "structure" if shape.event_stream => events(&mut text, &plan, &plan.type_of(name), shape)?,
            "structure" => record(&mut text, &plan, &plan.type_of(name), shape)?,
            _ => string_enum(&mut text, &type_name(name), &shape.values)?,
        }
    }
    Ok(header(input) + &preamble(&text) + &text)
}

/// Whether the type's name stands somewhere, and not as the end of another's.
fn is_used(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && after.is_some_and(|after| "<,>".contains(after))
    })
}

/// Only the imports that the types use.
fn preamble(text: &str) -> String {
    let types: Vec<&str> = ["BTreeMap", "ByteStream", "Bytes", "Document", "UnixMillis"]
        .into_iter()
        .filter(|name| is_used(text, name))
        .collect();
    let mut out = "//! The types of the implemented operations.\n\n".to_owned();
    match types.as_slice() {
        [] => {}
        [one] => out += &format!("use updraft_wire::generated::{one};\n"),
        many => out += &format!("use updraft_wire::generated::{{{}}};\n", many.join(", ")),
    }
    let macros: Vec<&str> = ["event_stream", "record", "string_enum"]
        .into_iter()
        .filter(|name| text.contains(&format!("{name}! {{")))
        .collect();
    match macros.as_slice() {
        [] => {}
        [one] => out += &format!("use updraft_wire::{one};\n"),
        many => out += &format!("use updraft_wire::{{{}}};\n", many.join(", ")),
    }
    out + "\n"
}

/// Which shapes become types, and under which names.
struct Plan<'a> {
    model: &'a Model,
    /// Shapes that only ever are the input or output of one operation, and so are named after it.
    renamed: BTreeMap<&'a str, String>,
    /// The other structures and enums that the implemented operations reach.
    nested: BTreeSet<&'a str>,
}

impl<'a> Plan<'a> {
    fn new(input: &Input<'a>) -> Result<Self> {
        let model = input.model;
        let renamed = renamed(model);
        let mut nested = BTreeSet::new();
        for (_, op) in model.operations.iter().filter(|(name, _)| input.overrides.implemented.contains(*name)) {
            for reference in op.input.iter().chain(&op.output) {
                reach(model, &reference.shape, &mut nested)?;
            }
        }
        nested.retain(|name| !renamed.contains_key(name));
        let plan = Self { model, renamed, nested };
        plan.check()?;
        Ok(plan)
    }

    /// No two types may have one name.
    fn check(&self) -> Result<()> {
        let mut seen = BTreeSet::new();
        for name in self.renamed.values().cloned().chain(self.nested.iter().map(|name| type_name(name))) {
            ensure!(seen.insert(name.clone()), "two types would be named {name}");
        }
        Ok(())
    }

    fn type_of(&self, shape: &str) -> String {
        self.renamed.get(shape).cloned().unwrap_or_else(|| type_name(shape))
    }

    /// The Rust type of a shape. `inside` is the structure that holds it, for boxing what would contain itself.
    fn rust_type(&self, name: &str, inside: Option<&str>) -> Result<String> {
        let shape = self.model.shape(name)?;
        Ok(match shape.kind.as_str() {
            "structure" if shape.document => "Document".to_owned(),
            "structure" if inside.is_some_and(|outer| contains(self.model, name, outer)) => {
                format!("Box<{}>", self.type_of(name))
            }
            "structure" => self.type_of(name),
            "list" => format!("Vec<{}>", self.target(shape.member.as_ref())?),
            "map" => format!("BTreeMap<String, {}>", self.target(shape.value.as_ref())?),
            "string" if !shape.values.is_empty() => type_name(name),
            "integer" => "i32".to_owned(),
            "long" => "i64".to_owned(),
            "double" | "float" => "f64".to_owned(),
            "boolean" => "bool".to_owned(),
            "blob" => "Bytes".to_owned(),
            "timestamp" => "UnixMillis".to_owned(),
            _ => "String".to_owned(),
        })
    }

    fn target(&self, reference: Option<&Reference>) -> Result<String> {
        reference.map_or(Ok("String".to_owned()), |reference| self.rust_type(&reference.shape, None))
    }
}

fn renamed(model: &Model) -> BTreeMap<&str, String> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    let nested = model.shapes.iter().flat_map(|(_, shape)| shape.references());
    let direct = model.operations.iter().flat_map(|(_, op)| op.input.iter().chain(&op.output));
    for reference in nested.chain(direct) {
        *uses.entry(&reference.shape).or_default() += 1;
    }
    let mut renamed = BTreeMap::new();
    for (name, op) in model.operations.iter() {
        for (reference, role) in [(&op.input, "Input"), (&op.output, "Output")] {
            if let Some(reference) =
                reference.as_ref().filter(|reference| uses.get(reference.shape.as_str()) == Some(&1))
            {
                renamed.insert(reference.shape.as_str(), format!("{name}{role}"));
            }
        }
    }
    renamed
}

/// Collects the structures and enums that `name` leads to.
fn reach<'a>(model: &'a Model, name: &'a str, found: &mut BTreeSet<&'a str>) -> Result<()> {
    let shape = model.shape(name)?;
    let is_type = shape.is_structure() || (shape.kind == "string" && !shape.values.is_empty());
    if is_type && !found.insert(name) {
        return Ok(());
    }
    // Keys of maps are plain strings.
    let key = shape.key.as_ref().map(|key| key.shape.as_str());
    for reference in shape.references().filter(|reference| Some(reference.shape.as_str()) != key) {
        // What ends a stream of events is an error, which needs no type of its own.
        if !(shape.event_stream && model.shape(&reference.shape)?.exception) {
            reach(model, &reference.shape, found)?;
        }
    }
    Ok(())
}

/// Whether a `part` holds a `whole` by value, be it through others.
fn contains(model: &Model, part: &str, whole: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![part];
    while let Some(name) = open.pop() {
        if name == whole {
            return true;
        }
        let Some(shape) = model.shapes.get(name).filter(|shape| shape.is_structure() && seen.insert(name)) else {
            continue;
        };
        open.extend(shape.members.iter().map(|(_, member)| member.shape.as_str()));
    }
    false
}

fn operation(text: &mut String, plan: &Plan, name: &str, op: &Operation) -> Result<()> {
    for (reference, role) in [(&op.input, "Input"), (&op.output, "Output")] {
        let wanted = format!("{name}{role}");
        match reference {
            None => writeln!(text, "record! {{\n    /// Empty.\n    pub struct {wanted} {{\n    }}\n}}\n")?,
            Some(reference) if plan.renamed.contains_key(reference.shape.as_str()) => {
                record(text, plan, &wanted, plan.model.shape(&reference.shape)?)?;
            }
            Some(reference) if plan.type_of(&reference.shape) == wanted => {}
            Some(reference) => {
                writeln!(text, "/// Shared with others.\npub type {wanted} = {};\n", plan.type_of(&reference.shape))?;
            }
        }
    }
    Ok(())
}

fn record(text: &mut String, plan: &Plan, name: &str, shape: &Shape) -> Result<()> {
    let own = plan.model.shapes.iter().find(|(_, found)| std::ptr::eq(*found, shape)).map(|(name, _)| name);
    let (mut open, mut secret) = (String::new(), String::new());
    for (index, (member_name, member)) in shape.members.iter().enumerate() {
        // Events come beside the output, not in it.
        if plan.model.shape(&member.shape)?.event_stream {
            continue;
        }
        let mut rust = if member.streaming && plan.model.shape(&member.shape)?.kind == "blob" {
            "ByteStream".to_owned()
        } else {
            plan.rust_type(&member.shape, own)?
        };
        if !shape.required.iter().any(|required| required == member_name) {
            rust = format!("Option<{rust}>");
        }
        let part = if is_secret(plan.model, &member.shape)? { &mut secret } else { &mut open };
        writeln!(part, "        {index} => {}: {rust},", field(member_name))?;
    }
    let secret = if secret.is_empty() { secret } else { format!("    secret {{\n{secret}    }}\n") };
    writeln!(text, "record! {{\n    pub struct {name} {{\n{open}    }}\n{secret}}}\n")?;
    Ok(())
}

/// The union of an operation's events.
fn events(text: &mut String, plan: &Plan, name: &str, shape: &Shape) -> Result<()> {
    writeln!(text, "event_stream! {{\n    pub enum {name} {{")?;
    for (index, (member_name, member)) in shape.members.iter().enumerate() {
        if !plan.model.shape(&member.shape)?.exception {
            writeln!(text, "        {index} => {}: {},", variant(member_name), plan.rust_type(&member.shape, None)?)?;
        }
    }
    text.push_str("    }\n}\n\n");
    Ok(())
}

/// Whether values of the shape are, or directly hold, what must not be logged.
fn is_secret(model: &Model, name: &str) -> Result<bool> {
    let shape = model.shape(name)?;
    let held = shape.member.as_ref().or(shape.value.as_ref());
    let held = held.map(|reference| model.shape(&reference.shape)).transpose()?;
    Ok(shape.sensitive || held.is_some_and(|held| held.sensitive))
}

fn string_enum(text: &mut String, name: &str, values: &[String]) -> Result<()> {
    writeln!(text, "string_enum! {{\n    pub enum {name} {{")?;
    let mut seen = BTreeSet::new();
    for value in values {
        let mut ident = variant(value);
        while !seen.insert(ident.clone()) {
            ident.push('_');
        }
        writeln!(text, "        {} = {value:?},", ident.replace('_', "X"))?;
    }
    text.push_str("    }\n}\n\n");
    Ok(())
}
