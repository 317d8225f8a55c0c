//! Names of states and labels of maps, of which there may be one of each in a whole definition.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Notes;
use crate::definition::{Kind, Machine, Mode};

/// The most letters that a state's name may have.
const LONGEST: usize = 80;

/// JSON as it is written: an object may have a name twice, of which a map has the last only.
enum Written {
    Object(Vec<(String, Self)>),
    List(Vec<Self>),
    Other,
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reads)
    }
}

struct Reads;

impl<'de> Visitor<'de> for Reads {
    type Value = Written;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Written, E> {
        Ok(Written::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Written, E> {
        Ok(Written::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Written, E> {
        Ok(Written::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Written, E> {
        Ok(Written::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Written, E> {
        Ok(Written::Other)
    }

    fn visit_unit<E>(self) -> Result<Written, E> {
        Ok(Written::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Written, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Written::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Written, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = from.next_entry()? {
            members.push(member);
        }
        Ok(Written::Object(members))
    }
}

impl Written {
    fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }
}

/// States of the whole text, with their places.
pub(super) fn states(notes: &mut Notes, text: &str) {
    let Ok(whole) = serde_json::from_str::<Written>(text) else { return };
    let (mut named, mut seen) = (Vec::new(), BTreeSet::new());
    of_machine(&whole, "", &mut named);
    for (name, at) in &named {
        if !seen.insert(name) {
            notes.push("DUPLICATE_STATE_NAME", at, format!("Duplicate State name: {name}"));
        }
        if name.chars().count() > LONGEST {
            let message = format!("The name of a state must not have more than {LONGEST} characters");
            notes.push("INVALID_STATE_NAME", at, message);
        }
    }
}

fn of_machine<'a>(machine: &'a Written, at: &str, named: &mut Vec<(&'a str, String)>) {
    let states = machine.members().iter().filter(|(field, _)| field == "States");
    for (name, state) in states.flat_map(|(_, states)| states.members()) {
        let at = format!("{at}/States/{name}");
        named.push((name, at.clone()));
        for (field, within) in state.members() {
            match (field.as_str(), within) {
                ("Branches", Written::List(branches)) => {
                    for (n, branch) in branches.iter().enumerate() {
                        of_machine(branch, &format!("{at}/Branches[{n}]"), named);
                    }
                }
                ("ItemProcessor" | "Iterator", processor) => of_machine(processor, &format!("{at}/{field}"), named),
                _ => {}
            }
        }
    }
}

/// AWS: runs of different maps are told apart by them.
pub(super) fn labels(notes: &mut Notes, machine: &Machine) {
    let (mut labels, mut seen) = (Vec::new(), BTreeSet::new());
    labelled(machine, "", &mut labels);
    for (label, at) in labels {
        if !seen.insert(label) {
            notes.push("DUPLICATE_LABEL_NAME", &at, format!("Duplicate Label name: {label}"));
        }
    }
}

fn labelled<'a>(machine: &'a Machine, at: &str, labels: &mut Vec<(&'a str, String)>) {
    for name in &machine.order {
        let at = format!("{at}/States/{name}");
        match machine.states.get(name).map(|state| &state.kind) {
            Some(Kind::Parallel(branches)) => {
                for (n, branch) in branches.iter().enumerate() {
                    labelled(branch, &format!("{at}/Branches[{n}]"), labels);
                }
            }
            Some(Kind::Map(map)) => {
                if let Mode::Distributed(distributed) = &map.mode {
                    labels.extend(distributed.label.as_deref().map(|label| (label, format!("{at}/Label"))));
                }
                labelled(&map.processor, &format!("{at}/ItemProcessor"), labels);
            }
            _ => {}
        }
    }
}
