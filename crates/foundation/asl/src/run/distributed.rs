//! `Map` whose iterations are executions of their own: whoever runs executions is asked for a run of the map, by a [`MapRun`],
//! and tells by a signal what came of it.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};
use serde_json::{Map as Object, Value, json};
use updraft_kernel::RngExt;

use super::context::{Around, Found};
use super::engine::{Chance, Engine};
use super::events::failed;
use super::frame::{FrameId, Phase, Ran, Turn};
use super::items;
use super::{Effect, Failed, Trouble};
use crate::definition::{Distributed, Items, Map, Reading, State, Written};
use crate::lang::Env;

/// A run of a map that is asked for.
#[derive(Clone, Debug)]
pub struct MapRun {
    pub turn: Turn,
    /// The run's ARN: `…:mapRun:machine/label:id`.
    pub arn: String,
    pub plan: Plan,
}

/// What is to be done in a run, with everything evaluated that can be beforehand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The map's name.
    pub state: String,
    /// `EXPRESS` children, not `STANDARD` ones.
    pub express: bool,
    pub source: Source,
    /// Whether items are pairs of an object, each a `Key` and a `Value`.
    #[serde(default)]
    pub keyed: bool,
    /// As it was given: what isn't positive is for the reader to refuse; 0 is without limit.
    pub max_items: Option<i64>,
    pub batches: Option<Batches>,
    /// 0: without limit.
    pub concurrency: u64,
    /// How many items may fail, and what share of them, of 100.
    pub tolerated: (u64, f64),
    pub writer: Option<Writer>,
    pub scene: Scene,
}

/// Where the items are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Source {
    Items(Vec<Value>),
    /// The resource, `ReaderConfig`, and what the resource is given.
    Read {
        resource: String,
        config: Object<String, Value>,
        arguments: Value,
    },
}

/// `ItemBatcher`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batches {
    pub items: Option<u64>,
    pub bytes: Option<u64>,
    pub input: Option<Value>,
}

/// `ResultWriter`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Writer {
    pub resource: Option<String>,
    pub config: Object<String, Value>,
    pub arguments: Value,
}

/// What `ItemSelector` sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    input: Value,
    context: Value,
    variables: Object<String, Value>,
}

/// Makes of items what children are given.
#[derive(Debug)]
pub struct Selector<'a> {
    map: &'a Map,
    keyed: bool,
    scene: Scene,
    now: i64,
    chance: Chance<'a>,
}

impl<'a> Selector<'a> {
    /// `now`: milliseconds since 1970.
    pub fn new(map: &'a Map, plan: &Plan, now: i64, chance: Chance<'a>) -> Self {
        Self { map, keyed: plan.keyed, scene: plan.scene.clone(), now, chance }
    }

    /// `source`: where the item is.
    ///
    /// # Errors
    /// If the field can't be evaluated.
    pub fn select(&mut self, (index, source): (u64, &str), item: Value) -> Result<Value, Failed> {
        let Some(selector) = &self.map.selector else { return Ok(item) };
        let mut told = match item {
            Value::Object(pair) if self.keyed => pair,
            item => Object::from_iter([("Value".to_owned(), item)]),
        };
        told.extend([("Index".to_owned(), json!(index)), ("Source".to_owned(), json!(source))]);
        if let Some(context) = self.scene.context.as_object_mut() {
            context.insert("Map".to_owned(), json!({ "Item": told }));
        }
        let Scene { input, context, variables } = &self.scene;
        let env = Env { input, context, variables, result: None, error: None, chance: self.chance, now: self.now };
        let wrong = |trouble: Trouble| Failed { error: Some(trouble.error.to_owned()), cause: Some(trouble.cause) };
        selector.evaluate(&env, "ItemSelector").map_err(wrong)
    }
}

impl Engine<'_> {
    pub(super) fn distribute(
        &mut self,
        frame: FrameId,
        (state, map, distributed): (&State, &Map, &Distributed),
        around: &Around,
        input: Value,
    ) -> Found<()> {
        let env = around.env(&input, self);
        let (listed, keyed) = match &map.items {
            Items::Read(_) => (Vec::new(), false),
            _ => items::items_or_pairs(map, &env)?,
        };
        // AWS: what is read isn't counted beforehand.
        self.next_event(frame, "MapStateStarted", Some(json!({ "length": listed.len() })));
        let env = around.env(&input, self);
        let evaluated = self.plan((state, map, distributed), &env, listed);
        match evaluated {
            Ok(plan) => self.ask_for_a_run(frame, distributed, Plan { keyed, scene: scene(around, input), ..plan }),
            Err(trouble) => self.not_begun(frame, state, trouble),
        }
        Ok(())
    }

    fn plan(
        &self,
        (state, map, distributed): (&State, &Map, &Distributed),
        env: &Env<'_>,
        listed: Vec<Value>,
    ) -> Found<Plan> {
        let concurrency = whole(Some(&map.concurrency.0), env, "MaxConcurrency")?.unwrap_or(0);
        let tolerance = &distributed.tolerance;
        let count = whole(tolerance.count.as_ref(), env, "ToleratedFailureCount")?.unwrap_or(0);
        let share = share(tolerance.percentage.as_ref(), env)?;
        let (source, max_items) = match &map.items {
            Items::Read(reading) => read(reading, env, super::enter::argument_field(state.language))?,
            _ => (Source::Items(listed), None),
        };
        let batches = match &distributed.batching {
            None => None,
            Some(batching) => Some(Batches {
                items: whole(batching.most_items.as_ref(), env, "MaxItemsPerBatch")?,
                bytes: whole(batching.most_bytes.as_ref(), env, "MaxInputBytesPerBatch")?,
                input: batching.input.as_ref().map(|input| input.evaluate(env, "BatchInput")).transpose()?,
            }),
        };
        let writer = match &distributed.writing {
            None => None,
            Some(writing) => {
                let arguments =
                    writing.arguments.as_ref().map(|of| of.evaluate(env, super::enter::argument_field(state.language)));
                let arguments = arguments.transpose()?.unwrap_or_default();
                Some(Writer { resource: writing.resource.clone(), config: writing.config.clone(), arguments })
            }
        };
        let (state, express) = (state.name.to_string(), distributed.express);
        let (tolerated, scene) = ((count, share), Scene::default());
        let keyed = false;
        Ok(Plan { state, express, source, keyed, max_items, batches, concurrency, tolerated, writer, scene })
    }

    fn ask_for_a_run(&mut self, frame: FrameId, distributed: &Distributed, plan: Plan) {
        let label = distributed.label.clone().unwrap_or_else(|| self.label(&plan.state));
        let of = self.facts.machine.replacen(":stateMachine:", ":mapRun:", 1);
        let arn = format!("{of}/{label}:{}", self.chance.uuid());
        self.next_event(frame, "MapRunStarted", Some(json!({ "mapRunArn": arn })));
        let turn = self.turn(frame);
        self.set_phase(frame, Phase::Run(arn.clone()));
        self.effects.push(Effect::MapRun(Box::new(MapRun { turn, arn, plan })));
    }

    /// AWS: a map without a label is given one, in the form of a UUID; it is the same for all its runs.
    fn label(&self, state: &str) -> String {
        let part = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, &self.facts.machine, state).hash(&mut hasher);
            hasher.finish()
        };
        let (high, low) = (part(0), part(1));
        let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
        format!("{a:08x}-{b:04x}-4{c:03x}-{:04x}-{:012x}", (low >> 48) & 0x3fff | 0x8000, low & 0xffff_ffff_ffff)
    }

    /// AWS: what can't be evaluated before a run is begun isn't told as the map's failure, only as the execution's.
    fn not_begun(&mut self, frame: FrameId, state: &State, trouble: Trouble) {
        let caught = state.handling.catch.iter().flat_map(|catcher| &catcher.errors).any(|name| name == trouble.error);
        if trouble.evaluated || caught {
            return self.trouble(frame, trouble);
        }
        let entered = self.run.frames.get(&frame).map_or(0, |frame| frame.entered);
        let cause = trouble.whole(&state.name, entered);
        self.broken(frame, Failed { error: Some(trouble.error.to_owned()), cause: Some(cause) });
    }

    pub(super) fn map_ended(&mut self, turn: Turn, came: Result<Value, Failed>) {
        let standing = self.run.frames.get(&turn.frame).filter(|frame| frame.turn == turn.number);
        let Some((run, last)) = standing.and_then(|frame| Some((frame.phase.run()?, frame.last))) else { return };
        self.set_phase(turn.frame, Phase::Ready);
        match came {
            Ok(output) => {
                // AWS: what leaves the state follows the beginning of the run.
                let ended = self.event("MapRunSucceeded", last, None);
                self.event("MapStateSucceeded", ended, None);
                let Some(state) = self.state(turn.frame) else { return };
                self.done(turn.frame, state, Some(output));
            }
            Err(with) => {
                let details = failed(with.error.as_ref(), with.cause.as_ref());
                self.next_event(turn.frame, "MapRunFailed", Some(details));
                if goes_on(&with) {
                    self.set_phase(turn.frame, Phase::Ran(run));
                }
                self.fail(turn.frame, with, false);
            }
        }
    }

    /// The run goes on where the execution does.
    pub(super) fn redrive_run(&mut self, frame: FrameId, ran: Ran) {
        let run = Ran { redrives: ran.redrives + 1, ..ran };
        let details = json!({ "mapRunArn": run.arn, "redriveCount": run.redrives });
        self.next_event(frame, "MapRunRedriven", Some(details));
        let turn = self.turn(frame);
        self.effects.push(Effect::RedriveRun(turn, run.arn.clone()));
        self.set_phase(frame, Phase::Redriven(run));
    }
}

/// AWS: where what the children came to is too large, or can't be evaluated, a redrive begins another run.
fn goes_on(failed: &Failed) -> bool {
    !matches!(failed.error.as_deref(), Some("States.DataLimitExceeded" | "States.Runtime"))
}

impl Default for Scene {
    fn default() -> Self {
        Self { input: Value::Null, context: Value::Null, variables: Object::new() }
    }
}

fn scene(around: &Around, input: Value) -> Scene {
    Scene { input, context: around.context.clone(), variables: around.variables.clone() }
}

/// The source, and `MaxItems`.
fn read(reading: &Reading, env: &Env<'_>, field: &str) -> Found<(Source, Option<i64>)> {
    let max_items = number(reading.max_items.as_ref(), env, "MaxItems")?;
    let arguments = reading.arguments.as_ref().map(|arguments| arguments.evaluate(env, field)).transpose()?;
    let (resource, config) = (reading.resource.clone(), reading.config.clone());
    Ok((Source::Read { resource, config, arguments: arguments.unwrap_or_default() }, max_items))
}

/// Not negative.
fn whole(written: Option<&Written<u64>>, env: &Env<'_>, field: &str) -> Found<Option<u64>> {
    let Some(number) = number(written, env, field)? else { return Ok(None) };
    let what = || Trouble::runtime(format!("{field} cannot be negative."));
    u64::try_from(number).map(Some).map_err(|_| what())
}

fn number(written: Option<&Written<u64>>, env: &Env<'_>, field: &str) -> Found<Option<i64>> {
    let of = |value: &Value| value.as_i64();
    found(written, env, (field, "integer"), of, |number| i64::try_from(*number).unwrap_or(i64::MAX))
}

fn share(written: Option<&Written<f64>>, env: &Env<'_>) -> Found<f64> {
    const FIELD: &str = "ToleratedFailurePercentage";
    let share = found(written, env, (FIELD, "float"), Value::as_f64, |share| *share)?.unwrap_or(0.0);
    if (0.0..=100.0).contains(&share) {
        return Ok(share);
    }
    Err(Trouble::runtime(format!("{FIELD} must be between 0 and 100.")))
}

/// What a field says that has a number.
fn found<T, N>(
    written: Option<&Written<T>>,
    env: &Env<'_>,
    (field, kind): (&str, &str),
    of: impl Fn(&Value) -> Option<N>,
    fixed: impl Fn(&T) -> N,
) -> Found<Option<N>> {
    match written {
        None | Some(Written::Call(_)) => Ok(None),
        Some(Written::Fixed(number)) => Ok(Some(fixed(number))),
        Some(Written::Path(path)) => {
            let value = env.found(path, &format!("{field}Path"))?;
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let what = format!("The {field}Path field refers to value \"{shown}\" which is not a valid {kind}: ");
            let wrong = || Trouble::runtime(format!("{what}{}", path.text()));
            // AWS: text that is a number will do.
            let number = of(&value).or_else(|| of(&serde_json::from_str(value.as_str()?).ok()?));
            number.map(Some).ok_or_else(wrong)
        }
        Some(Written::Query(query)) => {
            let value = query.evaluate(env, field)?;
            let wrong = || query.unexpected(field, crate::lang::Type::Number, &value);
            of(&value).map(Some).ok_or_else(wrong)
        }
    }
}
