//! `updraft quickstart`: the platform, an application on it, and a real request through it, step by step.

use std::io::{Cursor, Write};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use updraft_cli::aws::{Aws, Credentials};
use updraft_cli::{QuickstartArgs, out};
use updraft_kernel::{Clock, SystemClock};
use zip::write::SimpleFileOptions;

use crate::config::Config;
use crate::sdk::{self, Language};
use crate::start::{Running, start};

/// The example as it lies in the repository: names and sources.
const PYTHON_APP: [(&str, &str); 2] = [
    ("app.py", include_str!("../../../examples/products-api/python/app.py")),
    ("products.py", include_str!("../../../examples/products-api/python/products.py")),
];
const NODE_APP: [(&str, &str); 2] = [
    ("index.mjs", include_str!("../../../examples/products-api/node/index.mjs")),
    ("products.mjs", include_str!("../../../examples/products-api/node/products.mjs")),
];
const ROUTES: [&str; 5] =
    ["POST /products", "GET /products", "GET /products/{id}", "PUT /products/{id}", "DELETE /products/{id}"];
const TABLE: &str = "products";
const FUNCTION: &str = "products-api";
const ROLE: &str = "arn:aws:iam::000000000000:role/products-api";

/// # Errors
/// If a step fails: with what it was and what to do.
pub(crate) async fn run(args: &QuickstartArgs) -> Result<()> {
    let mut config = Config::resolve(&args.start)?;
    let scratch = own_folder(args, &mut config)?;
    let language = prepare(&mut config).await?;
    let mut running = started(args, config).await?;
    running.print_banner().await?;
    let walk = Walk::new(running.url(), language);
    let walked = tokio::select! {
        walked = walk.all() => walked,
        () = running.asked_to_stop() => Err(anyhow!("stopped before the walk was done")),
    };
    let outcome = match walked {
        Ok(()) if !args.once => running.until_stopped().await,
        Ok(()) => running.stop().await,
        Err(err) => running.stop().await.and(Err(err)),
    };
    drop(scratch);
    outcome
}

/// A data folder of its own, unless one was named: the walk must not meet what another left.
fn own_folder(args: &QuickstartArgs, config: &mut Config) -> Result<Option<tempfile::TempDir>> {
    if args.start.places.data.is_some() || config.data.is_none() {
        return Ok(None);
    }
    let folder = tempfile::Builder::new().prefix("updraft-quickstart-").tempdir().context("no temporary folder")?;
    config.data = Some(folder.path().to_owned());
    Ok(Some(folder))
}

/// The usual port, or any free one when that is taken and none was asked for.
async fn started(args: &QuickstartArgs, mut config: Config) -> Result<Running> {
    let chosen = args.start.listen.is_some() || args.start.places.config.is_some();
    if !chosen && tokio::net::TcpListener::bind(config.listen).await.is_err() {
        config.listen.set_port(0);
    }
    start(config).await
}

/// Python where it is, else Node: with its AWS SDK, as AWS's runtimes have it.
async fn prepare(config: &mut Config) -> Result<Language> {
    let mut reasons = Vec::new();
    for language in Language::ALL {
        match sdk::install(language, config).await {
            Ok(folder) => {
                match language {
                    Language::Python => config.python_sdk = Some(folder),
                    Language::Node => config.node_sdk = Some(folder),
                }
                return Ok(language);
            }
            Err(err) => reasons.push(format!("{}: {err:#}", language.name())),
        }
    }
    bail!("the example needs Python or Node.js with its AWS SDK:\n  {}", reasons.join("\n  "))
}

/// The steps, and what they share.
struct Walk {
    url: String,
    aws: Aws,
    language: Language,
    clock: SystemClock,
}

/// A request to the application, and the status it should get.
struct Exchange<'a> {
    method: Method,
    /// With the API's id in front.
    path: &'a str,
    body: Option<&'a Value>,
    want: StatusCode,
}

impl Walk {
    fn new(url: String, language: Language) -> Self {
        Self { aws: Aws::new(&url, Credentials::conventional()), url, language, clock: SystemClock::new() }
    }

    async fn all(&self) -> Result<()> {
        self.table().await?;
        self.function().await?;
        let api = self.api().await?;
        let product = json!({ "name": "Paraglider", "price": 2490, "tags": ["air"] });
        let (all, want) = (format!("{api}/products"), StatusCode::CREATED);
        let created = self.call(Exchange { method: Method::POST, path: &all, body: Some(&product), want }).await?;
        let id = &text(&created, "id")?;
        let (one, want) = (format!("{all}/{id}"), StatusCode::OK);
        let read = self.call(Exchange { method: Method::GET, path: &one, body: None, want }).await?;
        if read != created {
            bail!("what was read back isn't what was written:\n  {created}\n  {read}");
        }
        let (wrong, want) = (json!({ "price": -1 }), StatusCode::BAD_REQUEST);
        self.call(Exchange { method: Method::POST, path: &all, body: Some(&wrong), want }).await?;
        self.advice(&api, id)
    }

    async fn table(&self) -> Result<()> {
        let input = json!({
            "TableName": TABLE,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        });
        let from = self.clock.monotonic();
        self.aws.json("dynamodb", "DynamoDB_20120810.CreateTable", &input).await.context("CreateTable")?;
        self.step("DynamoDB", &format!("table {TABLE}"), from)
    }

    async fn function(&self) -> Result<()> {
        let (runtime, handler, sources) = match self.language {
            Language::Python => ("python3.13", "app.handler", PYTHON_APP),
            Language::Node => ("nodejs22.x", "index.handler", NODE_APP),
        };
        let input = json!({
            "FunctionName": FUNCTION,
            "Runtime": runtime,
            "Handler": handler,
            "Role": ROLE,
            "Timeout": 10,
            "MemorySize": 512,
            "Environment": { "Variables": { "TABLE_NAME": TABLE } },
            "Code": { "ZipFile": STANDARD.encode(package(&sources)?) },
        });
        let from = self.clock.monotonic();
        self.aws.rest("lambda", Method::POST, "/2015-03-31/functions", Some(&input)).await.context("CreateFunction")?;
        self.step("Lambda", &format!("function {FUNCTION} ({runtime}, {handler})"), from)
    }

    async fn api(&self) -> Result<String> {
        let from = self.clock.monotonic();
        let post = async |path: String, input: Value| {
            let answer = self.aws.rest("apigateway", Method::POST, &path, Some(&input)).await;
            answer.with_context(|| format!("POST {path}"))
        };
        let api =
            text(&post("/v2/apis".to_owned(), json!({ "name": "products", "protocolType": "HTTP" })).await?, "apiId")?;
        let integration = json!({
            "integrationType": "AWS_PROXY",
            "integrationUri": format!("arn:aws:lambda:us-east-1:000000000000:function:{FUNCTION}"),
            "payloadFormatVersion": "2.0",
        });
        let integration = text(&post(format!("/v2/apis/{api}/integrations"), integration).await?, "integrationId")?;
        for route in ROUTES {
            let input = json!({ "routeKey": route, "target": format!("integrations/{integration}") });
            post(format!("/v2/apis/{api}/routes"), input).await?;
        }
        post(format!("/v2/apis/{api}/stages"), json!({ "stageName": "$default", "autoDeploy": true })).await?;
        self.step("API Gateway", &format!("HTTP API {api} with {} routes", ROUTES.len()), from)?;
        Ok(api)
    }

    async fn call(&self, exchange: Exchange<'_>) -> Result<Value> {
        let Exchange { method, path, body, want } = exchange;
        let uri = format!("/_aws/execute-api/{path}");
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method.clone())
            .uri(&uri)
            .header("content-type", "application/json")
            .body(Bytes::from(text.clone()))?;
        let from = self.clock.monotonic();
        let (status, answer) = self.aws.http().send(request).await?;
        let took = self.clock.monotonic().saturating_sub(from);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        out::line(&format!("\n{}  {}{uri}  {text}", out::bold(method.as_str()), self.url))?;
        out::line(&format!("  {} {answer}  {}", mark(status == want, status.as_str()), out::dim(&millis(took))))?;
        if status != want {
            self.print_logs().await?;
            bail!("expected {want}, got {status}; above is what the function printed");
        }
        serde_json::from_str(&answer).context("the application didn't answer with JSON")
    }

    async fn print_logs(&self) -> Result<()> {
        let path = format!("logs?group=%2Faws%2Flambda%2F{FUNCTION}");
        let page = self.aws.http().admin(Method::GET, &path, None).await?;
        let lines = page.get("lines").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for text in lines.iter().filter_map(|line| line.get("message").and_then(Value::as_str)) {
            out::line(&format!("  {}", out::dim(text.trim_end())))?;
        }
        Ok(())
    }

    fn step(&self, service: &str, what: &str, from: Duration) -> Result<()> {
        let took = self.clock.monotonic().saturating_sub(from);
        Ok(out::line(&format!("{} {service:<12} {what}  {}", out::green("✓"), out::dim(&millis(took))))?)
    }

    fn advice(&self, api: &str, id: &str) -> Result<()> {
        let url = &self.url;
        let program = std::env::args().next().unwrap_or_else(|| "updraft".to_owned());
        out::line(&out::bold("\nFor the AWS CLI and the SDKs, while it is up:"))?;
        out::line(&format!("  export AWS_ENDPOINT_URL={url}"))?;
        out::line(
            "  export AWS_ACCESS_KEY_ID=test\n  export AWS_SECRET_ACCESS_KEY=test\n  export AWS_DEFAULT_REGION=us-east-1",
        )?;
        out::line(&out::bold("\nThen, for example:"))?;
        out::line(&format!("  curl {url}/_aws/execute-api/{api}/products/{id}"))?;
        out::line(&format!("  aws dynamodb scan --table-name {TABLE}"))?;
        out::line(&format!("  aws lambda get-function-configuration --function-name {FUNCTION}"))?;
        Ok(out::line(&format!("  {program} logs {FUNCTION} --endpoint {url}\n"))?)
    }
}

fn text(answer: &Value, name: &str) -> Result<String> {
    let found = answer.get(name).and_then(Value::as_str);
    Ok(found.with_context(|| format!("the answer has no {name}"))?.to_owned())
}

fn mark(good: bool, text: &str) -> String {
    if good { out::green(text) } else { out::yellow(text) }
}

fn millis(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1000.0)
}

fn package(sources: &[(&str, &str)]) -> Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, source) in sources {
        zip.start_file(*name, SimpleFileOptions::default().unix_permissions(0o644))?;
        zip.write_all(source.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}
