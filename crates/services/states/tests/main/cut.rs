//! Executions whose platform dies behind each of the commits that they take, one after the other: what comes of them, and their
//! histories, are those of executions that nothing happened to.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use updraft_kernel::{AwsError, SeededRng, UnixMillis, VirtualClock};
use updraft_store::Store;
use updraft_testkit::World;

use crate::distributed::map;
use crate::machines::{Language, beside, each, machine, of_items, parallel, risky, state, tried_again};
use crate::mortal::Mortal;
use crate::support::Cloud;

/// So many random definitions are tried.
const CASES: u32 = 8;

/// So many seconds lie between what may fail at the same time: whoever dies meanwhile has gone on by then.
const APART: u64 = 60;

/// So many seconds does no execution take.
const LONGEST: u64 = 2_000;

fn fails(seed: u64, body: &str) -> bool {
    let mut hasher = DefaultHasher::new();
    (seed, body).hash(&mut hasher);
    hasher.finish().is_multiple_of(3) && !body.contains("\"n\":9")
}

/// What is told of an execution, without what is drawn by lot.
#[derive(Debug, PartialEq)]
struct Told {
    status: String,
    output: String,
    error: String,
    /// Of what happens at the same time, in no order.
    events: Vec<String>,
}

/// A world, in one life or two.
struct Case<'a> {
    definition: &'a Value,
    seed: u64,
    /// So many seconds time goes on at once. Each time is a few commits of the clock, and so a few more lives: where
    /// executions wait for long it isn't done by the second.
    step: u64,
}

impl Case<'_> {
    fn cloud(&self, store: Arc<dyn Store>, time: &Arc<VirtualClock>, life: u64) -> Cloud {
        let mut world = World::new(store);
        world.rng = Arc::new(SeededRng::new(life));
        let (cloud, seed) = (Cloud::over(world, Arc::clone(time), None), self.seed);
        *cloud.outside.answers.lock() = Some(Box::new(move |call| {
            let body = call.input["MessageBody"].to_string();
            if fails(seed, &body) { Err(AwsError::unavailable("not now")) } else { Ok(json!({ "body": body })) }
        }));
        cloud
    }

    /// Begins the execution, if it isn't there, and sees it to its end.
    async fn live(&self, cloud: &Cloud) -> Told {
        let machine = cloud.machine("m", self.definition).await;
        let input = json!({ "list": [1, 2, 3], "waits": [APART, 2 * APART, 3 * APART] }).to_string();
        let started = json!({ "StateMachineArn": machine, "Name": "e", "Input": input });
        if let Err(error) = cloud.call("StartExecution", started).await {
            assert!(error.to_string().starts_with("ExecutionAlreadyExists"), "{error}");
        }
        let execution = format!("{}:e", machine.replace(":stateMachine:", ":execution:"));
        for _ in 0..LONGEST / self.step {
            cloud.advance(self.step).await;
            let said = cloud.describe(&execution).await;
            if said["Status"] != "RUNNING" {
                return self.told(&said, cloud.events(&execution).await);
            }
        }
        panic!("it doesn't end: {:?}", cloud.types(&execution).await);
    }

    fn told(&self, said: &Value, events: Vec<Value>) -> Told {
        for (n, event) in events.iter().enumerate() {
            assert_eq!(event["Id"], n as u64 + 1, "{events:?}");
            assert!(event["PreviousEventId"].as_u64() <= Some(n as u64), "{event}");
        }
        let at_once = ["\"Parallel\"", "\"Map\""].iter().any(|kind| self.definition.to_string().contains(kind));
        let mut told: Vec<String> = events.into_iter().map(without_chance).collect();
        if at_once {
            told.sort();
        }
        let text = |name: &str| masked(&said[name].to_string());
        Told { status: text("Status"), output: text("Output"), error: text("Error"), events: told }
    }

    /// With a platform that dies behind that many commits, and another one that goes on. Answers how many there were.
    fn lived(&self, most: u64) -> (Told, u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let time = Arc::new(VirtualClock::new(0, UnixMillis(0)));
            time.freeze_at(UnixMillis(1_000_000));
            let store: Arc<dyn Store> = updraft_store_mem::open().unwrap();
            let mortal = Mortal::new(Arc::clone(&store), most);
            let first = self.cloud(mortal.clone(), &time, 1);
            tokio::select! {
                told = self.live(&first) => return (told, mortal.committed()),
                () = mortal.died() => {}
            }
            let second = self.cloud(store, &time, 2);
            (self.live(&second).await, mortal.committed())
        })
    }

    /// Dies behind each commit in turn. Answers what it comes to.
    fn check(&self) -> Told {
        let (whole, commits) = self.lived(u64::MAX);
        assert!(commits > 2, "{whole:?}");
        for most in 1..=commits {
            assert_eq!(self.lived(most).0, whole, "cut behind commit {most} of {commits}: {}", self.definition);
        }
        whole
    }
}

/// Without its place, when it was, and ids.
fn without_chance(mut event: Value) -> String {
    for name in ["Id", "PreviousEventId", "Timestamp"] {
        event.as_object_mut().unwrap().remove(name);
    }
    masked(&event.to_string())
}

/// Ids of requests and runs are of those who drew them.
fn masked(text: &str) -> String {
    let is_id = |part: &str| {
        let dash = |n: usize| [8, 13, 18, 23].contains(&n);
        part.bytes().enumerate().all(|(n, c)| if dash(n) { c == b'-' } else { c.is_ascii_hexdigit() })
    };
    let (mut told, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let id = rest.get(..36).filter(|part| is_id(part));
        let taken = id.map_or(first.len_utf8(), str::len);
        told.push_str(id.map_or(&rest[..taken], |_| "*"));
        rest = &rest[taken..];
    }
    told
}

#[test]
fn wherever_the_platform_dies_the_execution_comes_to_what_it_would_have_come_to() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::with_cases(CASES) }, rng);
    let cases = (prop::collection::vec(state(), 1..3), any::<u64>());
    let tried = runner.run(&cases, |(states, seed)| {
        Case { definition: &machine(states), seed, step: 1 }.check();
        Ok(())
    });
    tried.unwrap();
}

/// Of branches and items that fail one after the other, the first one ends the others, whatever they are at. Platforms die
/// in the middle of waiting, too.
#[test]
fn what_fails_beside_others_ends_them_wherever_the_platform_dies() {
    for language in [Language::Paths, Language::Jsonata] {
        for seed in [1, 3] {
            let branches = beside(APART, 3, language);
            let definition = machine(vec![branches, of_items(language)]);
            let told = Case { definition: &definition, seed, step: APART / 2 }.check();
            for kind in ["ParallelStateFailed", "MapStateFailed"] {
                assert!(told.events.iter().any(|event| event.contains(kind)), "no {kind} with {seed}");
            }
        }
    }
}

#[test]
fn branches_and_items_that_are_tried_again_come_to_what_they_would_have_come_to() {
    let wait = json!({ "Type": "Wait", "Seconds": 2 });
    let branches = vec![machine(vec![tried_again(Language::Paths), wait.clone()]), machine(vec![wait])];
    let definition =
        machine(vec![risky(Language::Paths), parallel(branches), each(machine(vec![tried_again(Language::Jsonata)]))]);
    Case { definition: &definition, seed: 2, step: 1 }.check();
}

#[test]
fn a_distributed_map_loses_no_child_and_begins_none_twice() {
    let mut each = tried_again(Language::Paths);
    each["End"] = json!(true);
    for kind in ["STANDARD", "EXPRESS"] {
        let mut definition = map(json!({ "ItemsPath": "$.list", "MaxConcurrency": 2 }), each.clone());
        definition["States"]["M"]["ItemSelector"] = json!({ "item.$": "$$.Map.Item.Value" });
        definition["States"]["M"]["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] = json!(kind);
        Case { definition: &definition, seed: 1, step: 1 }.check();
    }
}
