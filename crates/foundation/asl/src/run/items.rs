//! `Map` within the execution.

use serde_json::{Value, json};

use super::Trouble;
use super::context::{Around, Found};
use super::engine::Engine;
use super::frame::{FrameId, Items, Phase};
use crate::definition::{Items as From, Map, Mode, State, Written};
use crate::lang::{Env, Type};

impl Engine<'_> {
    pub(super) fn map(&mut self, frame: FrameId, of: (&State, &Map), around: &Around, input: Value) -> Found<()> {
        let (state, map) = of;
        if let Mode::Distributed(distributed) = &map.mode {
            return self.distribute(frame, (state, map, distributed), around, input);
        }
        let env = around.env(&input, self);
        let items = items(map, &env)?;
        let most = whole(&map.concurrency.0, &env, "MaxConcurrency")?;
        let length = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let started = self.next_event(frame, "MapStateStarted", Some(json!({ "length": length })));
        let list = self.run.values.add(Value::Array(items));
        self.set_phase(frame, Phase::Items(Items { list, next: 0, left: length }));
        if length == 0 {
            self.all_ended(frame, "MapStateSucceeded");
            return Ok(());
        }
        let at_once = u32::try_from(if most == 0 { AT_ONCE } else { most.min(AT_ONCE) }).unwrap_or(length);
        for _ in 0..at_once.min(length) {
            self.iterate(frame, started)?;
        }
        Ok(())
    }

    /// The next iteration; its first event follows `last`.
    fn iterate(&mut self, frame: FrameId, last: u64) -> Found<()> {
        let Some(Phase::Items(items)) = self.run.frames.get(&frame).map(|frame| frame.phase.clone()) else {
            return Ok(());
        };
        let index = items.next;
        self.set_phase(frame, Phase::Items(Items { next: index + 1, ..items }));
        let name = self.run.frames.get(&frame).map(|frame| frame.state.clone());
        let started = self.event("MapIterationStarted", last, Some(json!({ "name": name, "index": index })));
        let input = self.selected(frame, &self.run.values.get(items.list), index)?;
        let input = self.run.values.add(input);
        self.stand(Some(frame), index, input, started);
        Ok(())
    }

    /// `ItemSelector`, or the item.
    pub(super) fn selected(&self, frame: FrameId, list: &Value, index: u32) -> Found<Value> {
        let item = list.get(index as usize).cloned().unwrap_or_default();
        let Some(state) = self.state(frame) else { return Ok(item) };
        let crate::definition::Kind::Map(map) = &state.kind else { return Ok(item) };
        let Some(selector) = &map.selector else { return Ok(item) };
        let mut around = self.around(frame);
        if let Some(context) = around.context.as_object_mut() {
            context.insert("Map".to_owned(), json!({ "Item": item_of(index, &item) }));
        }
        let input = self.input_of(&state.data, &around, &self.raw(frame))?;
        selector.evaluate(&around.env(&input, self), "ItemSelector")
    }

    pub(super) fn iteration_ended(&mut self, parent: FrameId, child: FrameId, items: Items) {
        let Some(standing) = self.run.frames.get(&child) else { return };
        let (last, index) = (standing.last, standing.index);
        let name = self.run.frames.get(&parent).map(|parent| parent.state.clone());
        let ended = self.event("MapIterationSucceeded", last, Some(json!({ "name": name, "index": index })));
        let all = self.run.values.get(items.list).as_array().map_or(0, Vec::len);
        let (left, more) = (items.left - 1, (items.next as usize) < all);
        self.set_phase(parent, Phase::Items(Items { left, ..items }));
        self.follow(parent, ended);
        if left == 0 {
            self.all_ended(parent, "MapStateSucceeded");
        } else if more && let Err(trouble) = self.iterate(parent, last) {
            self.trouble(parent, trouble);
        }
    }
}

/// What the context object tells of an item of the execution's own.
pub(super) fn item_of(index: u32, value: &Value) -> Value {
    json!({ "Index": index, "Value": value, "Source": STATE_DATA })
}

/// Where items are that aren't read from anywhere.
pub(super) const STATE_DATA: &str = "STATE_DATA";

/// AWS: no more iterations of an inline Map are under way at once.
const AT_ONCE: u64 = 40;

pub(super) fn items(map: &Map, env: &Env<'_>) -> Found<Vec<Value>> {
    match pointed_at(map, env)? {
        Value::Array(items) => Ok(items),
        other => Err(no_list(map, &other)),
    }
}

/// AWS: a distributed one takes an object for what it has, each a pair. Whether it does comes second.
pub(super) fn items_or_pairs(map: &Map, env: &Env<'_>) -> Found<(Vec<Value>, bool)> {
    let pair = |(key, value): (String, Value)| json!({ "Key": key, "Value": value });
    match pointed_at(map, env)? {
        Value::Array(items) => Ok((items, false)),
        Value::Object(members) => Ok((members.into_iter().map(pair).collect(), true)),
        other => Err(no_list(map, &other)),
    }
}

fn pointed_at(map: &Map, env: &Env<'_>) -> Found<Value> {
    match &map.items {
        From::At(None) => Ok(env.input.clone()),
        From::At(Some(path)) => env.found(path, "ItemsPath"),
        From::Query(query) => query.evaluate(env, "Items"),
        From::List(template) => template.evaluate(env, "Items"),
        From::Read(_) => Err(Trouble::runtime("ItemReader is only supported by a distributed Map.".to_owned())),
    }
}

fn no_list(map: &Map, found: &Value) -> Trouble {
    match &map.items {
        From::At(Some(path)) => {
            let what = "Reference path";
            Trouble::runtime(format!("{what} \"{}\" must point to array but was: {found}", path.text()))
        }
        From::Query(query) => query.unexpected("Items", Type::Array, found),
        _ => Trouble {
            location: None,
            ..Trouble::query(format!("Map state input must be an array but was: {found}"), "")
        },
    }
}

/// A number in a field of a `Map`.
pub(super) fn whole(written: &Written<u64>, env: &Env<'_>, field: &str) -> Found<u64> {
    match written {
        Written::Fixed(number) => Ok(*number),
        Written::Call(_) => Ok(0),
        Written::Path(path) => {
            let value = env.found(path, &format!("{field}Path"))?;
            let what =
                format!("The {field}Path field refers to value {value} which is not a valid integer: {}", path.text());
            value.as_u64().ok_or_else(|| Trouble::runtime(what))
        }
        Written::Query(query) => {
            let value = query.evaluate(env, field)?;
            value.as_u64().ok_or_else(|| query.unexpected(field, Type::Number, &value))
        }
    }
}

/// The same with a fraction.
pub(super) fn number(written: &Written<f64>, env: &Env<'_>, field: &str) -> Found<f64> {
    match written {
        Written::Fixed(number) => Ok(*number),
        Written::Call(_) => Ok(0.0),
        Written::Path(path) => {
            let value = env.found(path, &format!("{field}Path"))?;
            let what = format!("The {field}Path field refers to value {value} which is not a valid number");
            value.as_f64().ok_or_else(|| Trouble::runtime(format!("{what}: {}", path.text())))
        }
        Written::Query(query) => {
            let value = query.evaluate(env, field)?;
            value.as_f64().ok_or_else(|| query.unexpected(field, Type::Number, &value))
        }
    }
}
