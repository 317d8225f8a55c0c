//! Invoke, warm and cold, beside a bare runtime; and the whole way of a request to the example.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::items;
use crate::aws;
use crate::floors::disk::{self, Space};
use crate::floors::http::EmptyServer;
use crate::floors::runtime::{BareRuntime, Language};
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

/// AWS: the memory with which a function has one core; with less it is slowed down on purpose.
const CORE_MIB: u32 = 1769;
const FUNCTIONS: &str = "/2015-03-31/functions";

pub(crate) fn invoke(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let mut figures = Vec::new();
    for language in [Language::Python, Language::Node] {
        figures.push(warm(world, &ours, language)?);
        figures.push(cold(world, &ours, language)?);
    }
    Ok(figures)
}

fn warm(world: &mut World, ours: &Server, language: Language) -> Result<Figure> {
    let name = format!("warm-{language:?}");
    create(ours, &name, language.runtime(), &[language.empty()], &json!({}))?;
    let calls = Arc::new(vec![invocation(ours, &name); world.size(1_000, 300)]);
    let bare = RefCell::new(BareRuntime::new(language, world.folder()?)?);
    let [ours, floor] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(p50(&load::run(ours.address, &calls, 1)?.each))),
            Box::new(|| Ok(p50(&bare.borrow_mut().warm(calls.len())?))),
        ],
    )?;
    let figure = Figure::new(format!("warm Invoke, empty {language:?} handler, p50"), ours, Unit::Micros);
    Ok(figure.against("bare Runtime API round trip", floor, Bar::AtMost(2.0)))
}

/// The first call of functions that share their code, so that it is unpacked already.
fn cold(world: &mut World, ours: &Server, language: Language) -> Result<Figure> {
    let made = Cell::new(0);
    let bare = RefCell::new(BareRuntime::new(language, world.folder()?)?);
    let [ours, floor] = in_turn(
        world.size(15, 5),
        [
            Box::new(|| {
                made.set(made.get() + 1);
                let name = format!("cold-{language:?}-{}", made.get());
                create(ours, &name, language.runtime(), &[language.empty()], &json!({}))?;
                let took = load::run(ours.address, &Arc::new(vec![invocation(ours, &name)]), 1)?;
                Ok(p50(&took.each))
            }),
            Box::new(|| Ok(p50(&[bare.borrow_mut().cold()?]))),
        ],
    )?;
    let figure = Figure::new(format!("cold start, {language:?}, code cached, p50"), ours, Unit::Micros);
    Ok(figure.against("bare start of the interpreter with its client", floor, Bar::Recorded))
}

/// The example as it is shipped, called as its users call it.
pub(crate) fn http_api(world: &mut World) -> Result<Vec<Figure>> {
    let (ours, http) = (world.platform()?, EmptyServer::start()?);
    items::create_table(&ours, items::TABLE)?;
    let (host, folder) = (deploy(&ours)?, world.folder()?);
    let bare = RefCell::new(BareRuntime::new(Language::Python, world.folder()?)?);
    let count = world.size(300, 100);
    let made = Cell::new(0);
    let posts = || {
        let post = |_| {
            made.set(made.get() + 1);
            let body = json!({ "id": format!("p{}", made.get()), "name": "Lamp", "price": 19.9 });
            aws::plain(&host, "POST", "/products", &body.to_string())
        };
        Arc::new((0..count).map(post).collect::<Vec<_>>())
    };
    let [whole, empty, runtime, disk] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(p50(&load::run(ours.address, &posts(), 1)?.each))),
            Box::new(|| Ok(p50(&http.exchange(1, count)?.each))),
            Box::new(|| Ok(p50(&bare.borrow_mut().warm(count)?))),
            Box::new(|| Ok(p50(&disk::append(&folder, 1, count, Space::Growing)?.each))),
        ],
    )?;
    let figure = Figure::new("HTTP API → Lambda (Python, boto3) → PutItem, p50", whole, Unit::Micros);
    Ok(vec![figure.against("2 exchanges + runtime + fdatasync", 2.0 * empty + runtime + disk, Bar::Recorded)])
}

const PRODUCTS: [(&str, &str); 2] = [
    ("app.py", include_str!("../../../examples/products-api/python/app.py")),
    ("products.py", include_str!("../../../examples/products-api/python/products.py")),
];

/// Deploys the example; the host under which it is reached.
fn deploy(ours: &Server) -> Result<String> {
    let table = json!({
        "TableName": "products",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
    });
    let host = ours.host();
    ours.call(&aws::dynamodb(&host, "CreateTable", &table))?;
    let settings = json!({ "Handler": "app.handler", "Timeout": 30, "Environment": { "Variables": { "TABLE_NAME": "products" } } });
    let function = create(ours, "products", Language::Python.runtime(), &PRODUCTS, &settings)?;
    let gateway =
        |method: &str, path: &str, input: Value| ours.call(&aws::rest(&host, "apigateway", method, path, &input));
    let api = text(&gateway("POST", "/v2/apis", json!({ "name": "products", "protocolType": "HTTP" }))?, "apiId")?;
    let integration =
        json!({ "integrationType": "AWS_PROXY", "integrationUri": function, "payloadFormatVersion": "2.0" });
    let integration = text(&gateway("POST", &format!("/v2/apis/{api}/integrations"), integration)?, "integrationId")?;
    let route = json!({ "routeKey": "POST /products", "target": format!("integrations/{integration}") });
    gateway("POST", &format!("/v2/apis/{api}/routes"), route)?;
    gateway("POST", &format!("/v2/apis/{api}/stages"), json!({ "stageName": "$default", "autoDeploy": true }))?;
    let grant =
        json!({ "StatementId": "api", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com" });
    ours.call(&aws::rest(&host, "lambda", "POST", &format!("{FUNCTIONS}/products/policy"), &grant))?;
    Ok(format!("{api}.execute-api.localhost"))
}

/// Creates a function and waits until it is active; its ARN.
fn create(ours: &Server, name: &str, runtime: &str, files: &[(&str, &str)], settings: &Value) -> Result<String> {
    let mut input = json!({
        "FunctionName": name,
        "Runtime": runtime,
        "Handler": "main.handler",
        "Role": "arn:aws:iam::000000000000:role/bench",
        "MemorySize": CORE_MIB,
        "Code": { "ZipFile": BASE64_STANDARD.encode(zipped(files)?) },
    });
    if let (Some(all), Some(more)) = (input.as_object_mut(), settings.as_object()) {
        all.extend(more.clone());
    }
    let host = ours.host();
    let made = ours.call(&aws::rest(&host, "lambda", "POST", FUNCTIONS, &input))?;
    let path = format!("{FUNCTIONS}/{name}/configuration");
    for _ in 0..500 {
        let found = ours.call(&aws::rest(&host, "lambda", "GET", &path, &Value::Null))?;
        if found.get("State").and_then(Value::as_str) == Some("Active") {
            return text(&made, "FunctionArn");
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    None.context("the function doesn't become active")
}

fn invocation(ours: &Server, name: &str) -> Bytes {
    aws::rest(&ours.host(), "lambda", "POST", &format!("{FUNCTIONS}/{name}/invocations"), &json!({}))
}

fn text(value: &Value, name: &str) -> Result<String> {
    Ok(value.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in {value}"))?.to_owned())
}

fn zipped(files: &[(&str, &str)]) -> Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default())?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}
