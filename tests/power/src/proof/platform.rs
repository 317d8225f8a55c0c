//! The real binary: a client's requests while it is recorded, then power cuts, then the real binary on what is left.
#![expect(clippy::disallowed_methods, reason = "processes are started and waited for")]

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;
use updraft_kernel::{Rng, SeededRng};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::Subject;
use super::cuts::{Counts, Cuts, log_of, scratch};
use super::faults::unsynced;
use super::http::Call;
use crate::disk::Image;
use crate::trace::Event;
use crate::tracer::{Fault, Faults, Live, Program, Recording, record};

/// Requests of one run, in order; the answer to one is waited for before the next.
const REQUESTS: usize = 24;
const TABLE: &str = "power";
const PATIENCE: Duration = Duration::from_secs(60);

/// Cuts at about so many moments, spread over the run.
///
/// # Errors
/// The first thing that was lost.
pub(crate) fn power(cuts: usize) -> Result<Counts> {
    let (recording, place) = run(Faults::NONE)?;
    ensure!(recording.exit == 0, "the platform ended with {}", recording.exit);
    let secret = std::fs::read(data(&place.path().join("disk")).join("secret"))?;
    let changes = recording.events.iter().filter(|event| event.is_of_the_disk()).count();
    Cuts { subject: &Installation { secret }, seeds: 1, from: 0, every: changes.div_ceil(cuts) }.check(&recording)
}

/// Lets syncs fail, at so many places spread over the run: the platform ends, and what it answered is there.
///
/// # Errors
/// If it goes on, or something is lost.
pub(crate) fn failing(places: usize) -> Result<Counts> {
    let (whole, _) = run(Faults::NONE)?;
    let requests = whole.events.iter().position(|event| is_said(event, "asked 1")).context("nothing was asked")?;
    let count = |events: &[Event]| events.iter().filter(|event| is_sync(event)).count();
    let (before, all) = (count(whole.events.get(..requests).unwrap_or_default()), count(&whole.events));
    let mut counts = Counts::default();
    for number in 1..=places {
        let nth = before + (all - before) * number / (places + 1);
        let (recording, place) = run(Faults::at(Fault::Sync, nth, false))?;
        ensure!(recording.struck == 1, "the {nth}th sync never came");
        // One that concerns a blob, which has no name yet or is among the blobs, is its request's alone.
        let path = unsynced(&recording).context("no sync failed")?;
        let of_a_blob = path.as_os_str().is_empty() || path.starts_with("data/blobs");
        ensure!(of_a_blob || recording.exit != 0, "it ended well although {} wasn't synced", path.display());
        let secret = std::fs::read(data(&place.path().join("disk")).join("secret"))?;
        let from = recording.events.len() - 1;
        counts.add(Cuts { subject: &Installation { secret }, seeds: 0, from, every: 1 }.check(&recording)?);
        counts.faults += 1;
    }
    Ok(counts)
}

fn is_sync(event: &Event) -> bool {
    matches!(event, Event::SyncBegins { .. })
}

fn is_said(event: &Event, what: &str) -> bool {
    matches!(event, Event::Said(line) if line == what)
}

/// Records a platform while a client sends it the requests, until all are answered or one isn't.
fn run(faults: Faults) -> Result<(Recording, TempDir)> {
    let place = tempfile::tempdir_in(scratch())?;
    let root = place.path().join("disk");
    std::fs::create_dir(&root)?;
    let port = free_port()?;
    let args = ["start", "--listen", &format!("127.0.0.1:{port}"), "--data"].map(Into::into);
    let program = Program {
        path: binary()?,
        args: args.into_iter().chain([data(&root).into_os_string()]).collect(),
        log: place.path().join("log"),
    };
    let live = Live::default();
    let recording = std::thread::scope(|scope| {
        let client = scope.spawn(|| {
            let answered = await_ready(port, || live.is_over()).and_then(|()| ask(port, &live));
            // It may have ended by itself.
            live.terminate().ok();
            answered
        });
        let recording = record(&program, &root, faults, &live).with_context(|| log_of(&program));
        let answered = client.join().map_err(|_| anyhow::anyhow!("the client panicked"))?;
        let recording = recording?;
        if recording.struck == 0 {
            answered.with_context(|| log_of(&program))?;
        }
        anyhow::Ok(recording)
    })?;
    recording.check_complete(&root)?;
    Ok((recording, place))
}

fn ask(port: u16, live: &Live) -> Result<()> {
    for number in 1..=REQUESTS {
        live.heard(format!("asked {number}"));
        request(number, port)?;
        live.heard(format!("answered {number}"));
    }
    Ok(())
}

/// What the client does at this request, and so what is there afterwards.
fn request(number: usize, port: u16) -> Result<()> {
    match kind(number) {
        Kind::Table => drop(Call::dynamodb("CreateTable", &table()).send(port)?),
        Kind::Put(id) => drop(Call::dynamodb("PutItem", &json!({"TableName": TABLE, "Item": item(&id)})).send(port)?),
        Kind::Pair(one, two) => {
            let put = |id: &str| json!({"Put": {"TableName": TABLE, "Item": item(id)}});
            Call::dynamodb("TransactWriteItems", &json!({"TransactItems": [put(&one), put(&two)]})).send(port)?;
        }
        Kind::Delete(id) => {
            Call::dynamodb("DeleteItem", &json!({"TableName": TABLE, "Key": {"id": {"S": id}}})).send(port)?;
        }
        Kind::Function(name) => {
            let (path, body) = ("/2015-03-31/functions", function(&name)?.to_string());
            Call { service: "lambda", method: Method::POST, path, target: None, body }.send(port)?;
        }
    }
    Ok(())
}

enum Kind {
    Table,
    Put(String),
    Pair(String, String),
    Delete(String),
    Function(String),
}

fn kind(number: usize) -> Kind {
    match number % 6 {
        1 if number == 1 => Kind::Table,
        2 => Kind::Pair(format!("one{number}"), format!("two{number}")),
        4 => Kind::Function(format!("function{number}")),
        5 => Kind::Delete(format!("put{}", number - 2)),
        _ => Kind::Put(format!("put{number}")),
    }
}

fn table() -> Value {
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    })
}

/// An item says itself what it should be.
fn item(id: &str) -> Value {
    json!({"id": {"S": id}, "body": {"S": id.repeat(200)}})
}

fn function(name: &str) -> Result<Value> {
    let zip = STANDARD.encode(package(name)?);
    let role = "arn:aws:iam::000000000000:role/power";
    Ok(json!({"FunctionName": name, "Runtime": "python3.13", "Handler": "app.handler", "Role": role,
        "Code": {"ZipFile": zip}}))
}

/// A code package of some pages, which goes to the blobs.
fn package(name: &str) -> Result<Vec<u8>> {
    let mut noise = vec![0; 50_000];
    SeededRng::new(name.len() as u64).fill(&mut noise);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("app.py", SimpleFileOptions::default())?;
    zip.write_all(format!("def handler(event, context):\n    return {name:?}\n").as_bytes())?;
    zip.start_file("noise", SimpleFileOptions::default())?;
    zip.write_all(&noise)?;
    Ok(zip.finish()?.into_inner())
}

/// The names of items and functions after so many requests.
fn expected(requests: usize) -> BTreeMap<String, bool> {
    let mut names = BTreeMap::new();
    for number in 1..=requests {
        match kind(number) {
            Kind::Table => {}
            Kind::Put(id) => drop(names.insert(id, false)),
            Kind::Pair(one, two) => names.extend([(one, false), (two, false)]),
            Kind::Delete(id) => drop(names.remove(&id)),
            Kind::Function(name) => drop(names.insert(name, true)),
        }
    }
    names
}

/// A data folder of the real binary.
struct Installation {
    secret: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Promises {
    asked: usize,
    answered: usize,
}

struct Found {
    /// How many requests are there, whole; none where there is no table.
    reached: usize,
    /// The installation's secret is the same as ever.
    same: bool,
}

impl Subject for Installation {
    type Promises = Promises;
    type Found = Found;

    fn promise(&self, promises: &mut Promises, line: &str) -> Result<()> {
        // The binary's own lines promise nothing.
        match line.split_once(' ') {
            Some(("asked", number)) => promises.asked = number.parse()?,
            Some(("answered", number)) => promises.answered = number.parse()?,
            _ => {}
        }
        Ok(())
    }

    fn recover(&self, folder: &Path) -> Result<Found> {
        let same = std::fs::read(data(folder).join("secret")).is_ok_and(|secret| secret == self.secret);
        let running = Running::start(folder)?;
        let reached = running.reached()?;
        running.stop()?;
        let again = Running::start(folder)?;
        ensure!(again.reached()? == reached, "starting it again changed it");
        again.stop()?;
        Ok(Found { reached, same })
    }

    fn judge(&self, found: &Found, promises: &Promises) -> Result<()> {
        let (Found { reached, same }, Promises { asked, answered }) = (found, promises);
        ensure!(reached >= answered, "request {answered} was answered, the first {reached} are there");
        ensure!(reached <= asked, "request {reached} is there before it was asked");
        ensure!(*same || *answered == 0, "the secret is another one");
        Ok(())
    }
}

/// The real binary on a folder, not recorded.
struct Running {
    process: Child,
    port: u16,
    /// What it found in its blobs' folder.
    blobs: Image,
}

impl Running {
    fn start(folder: &Path) -> Result<Self> {
        let port = free_port()?;
        let blobs = data(folder).join("blobs");
        let blobs = if blobs.is_dir() { Image::read(&blobs)? } else { Image::default() };
        let mut command = Command::new(binary()?);
        command.args(["start", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(data(folder));
        let log = std::fs::File::create(folder.join("log"))?;
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?;
        let mut running = Self { process, port, blobs };
        await_ready(port, || running.process.try_wait().is_ok_and(|exit| exit.is_some()))
            .with_context(|| std::fs::read_to_string(folder.join("log")).unwrap_or_default())?;
        Ok(running)
    }

    /// After how many requests everything is as it is.
    fn reached(&self) -> Result<usize> {
        let tables = Call::dynamodb("ListTables", &json!({})).send(self.port)?;
        if tables.get("TableNames") == Some(&json!([])) {
            return Ok(0);
        }
        let mut names = BTreeMap::new();
        let items = Call::dynamodb("Scan", &json!({"TableName": TABLE, "ConsistentRead": true})).send(self.port)?;
        for found in items.get("Items").and_then(Value::as_array).context("no items")? {
            let id = found.pointer("/id/S").and_then(Value::as_str).context("an item without an id")?;
            ensure!(*found == item(id), "item {id} is torn");
            names.insert(id.to_owned(), false);
        }
        names.extend(self.functions()?.into_iter().map(|name| (name, true)));
        (1..=REQUESTS)
            .find(|requests| expected(*requests) == names)
            .with_context(|| format!("half a request: {names:?}"))
    }

    /// The functions that there are, each with its code.
    fn functions(&self) -> Result<Vec<String>> {
        let call = |path: &str| {
            Call { service: "lambda", method: Method::GET, path, target: None, body: String::new() }.send(self.port)
        };
        let all = call("/2015-03-31/functions")?;
        let all = all.get("Functions").and_then(Value::as_array).context("no list of functions")?;
        let name = |function: &Value| Some(function.get("FunctionName")?.as_str()?.to_owned());
        let names: Vec<_> = all.iter().filter_map(name).collect();
        for name in &names {
            let package = package(name)?;
            let whole = self.blobs.entries().any(|(_, file)| file.is_some_and(|(_, body)| body.holds(&package)));
            ensure!(whole, "the code of {name} isn't there, or torn");
        }
        Ok(names)
    }

    fn stop(mut self) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.process.id())?), Signal::SIGTERM)?;
        let exit = self.process.wait()?;
        ensure!(exit.success(), "stopping it: {exit}");
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that was stopped is gone already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn data(root: &Path) -> PathBuf {
    root.join("data")
}

fn binary() -> Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("updraft");
    let path = std::env::var_os("UPDRAFT_BIN").map_or(beside, PathBuf::from);
    ensure!(path.is_file(), "{} isn't there: build it first (cargo build -p updraft)", path.display());
    Ok(path)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Until somebody listens; a request is then answered when everything is ready.
fn await_ready(port: u16, mut over: impl FnMut() -> bool) -> Result<()> {
    let started = Instant::now();
    while Call::dynamodb("ListTables", &json!({})).send(port).is_err() {
        if over() || started.elapsed() > PATIENCE {
            bail!("the platform doesn't get ready");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
