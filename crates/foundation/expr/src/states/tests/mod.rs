//! What paths, functions and templates give, in tables.

mod calls;
mod filters;
mod paths;
mod references;
mod robust;
mod templates;

use serde_json::{Map, Value, json};
use updraft_kernel::SeededRng;

use super::{Call, Path, Scope};

/// A shop, as every text about paths has one.
fn store() -> Value {
    json!({
        "store": {
            "book": [
                {"title": "Sayings", "price": 8.95, "category": "reference"},
                {"title": "Sword", "price": 12.99, "category": "fiction"},
                {"title": "Moby Dick", "price": 8.99, "category": "fiction", "isbn": "0-553"},
                {"title": "The Lord", "price": 22.99, "category": "fiction", "isbn": "0-395"}
            ],
            "bicycle": {"color": "red", "price": 19.95}
        },
        "delivery-partner": "owl",
        "expensive": 10,
        "none": null,
        "text": "plain",
        "empty": []
    })
}

/// What `path` gives of the shop, or what is said of it.
fn read(path: &str) -> Result<Value, String> {
    let (input, context, variables) = (store(), json!({"Execution": {"Name": "run"}}), variables());
    let scope = Scope { input: &input, context: &context, variables: &variables };
    Path::parse(path).expect(path).read(&scope).map_err(|missing| missing.reason().to_owned())
}

/// What a call gives of the shop, or what is said of it.
fn call(text: &str) -> Result<Value, String> {
    let (input, context, variables) = (store(), json!({"Execution": {"Name": "run"}}), variables());
    let scope = Scope { input: &input, context: &context, variables: &variables };
    let call = Call::parse(text).map_err(|refused| refused.to_string())?;
    call.evaluate(&scope, &SeededRng::new(7)).map_err(|failure| failure.to_string())
}

fn variables() -> Map<String, Value> {
    [("list".to_owned(), json!([1, 2, 3])), ("order".to_owned(), json!({"id": 7}))].into_iter().collect()
}
