//! The whole way of a request to the example.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};

use super::items;
use super::lambda::{create, text, zipped};
use crate::aws;
use crate::floors::disk::{self, Space};
use crate::floors::http::EmptyServer;
use crate::floors::runtime::{BareRuntime, Language};
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

/// The example as it is shipped, called as its users call it.
pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
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

const PRODUCTS: [(&str, &[u8]); 2] = [
    ("app.py", include_bytes!("../../../examples/products-api/python/app.py")),
    ("products.py", include_bytes!("../../../examples/products-api/python/products.py")),
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
    let function = create(ours, "products", &zipped(&PRODUCTS)?, &settings)?;
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
    ours.call(&aws::rest(&host, "lambda", "POST", "/2015-03-31/functions/products/policy", &grant))?;
    Ok(format!("{api}.execute-api.localhost"))
}
