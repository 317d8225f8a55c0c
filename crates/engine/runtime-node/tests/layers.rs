//! What layers bring.

use serde_json::json;
use updraft_exec::suite::{Case, Package, SampleFile, World};

use crate::index;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        ("a_layers_modules_are_required_and_imported", |w| Box::pin(modules(w))),
        ("modules_for_one_version_win_over_those_for_all", |w| Box::pin(versions(w))),
    ]
}

fn module(path: &'static str, origin: &str) -> SampleFile {
    (path, format!("exports.origin = '{origin}'; exports.from = __filename;"), false)
}

/// Requires and imports `name`, and says what that gave.
fn asking(names: &str) -> [Package; 2] {
    let load = format!("Promise.all([{names}].map(async (name) => (await load(name)).origin))");
    let required = format!("const load = require; exports.handler = async () => {load};");
    let imported = format!("const load = (name) => import(name); export const handler = async () => {load};");
    [index(&required), Package::file("nodejs20.x", "index.handler", "index.mjs", &imported)]
}

async fn modules(world: &World) {
    let layer = vec![
        module("nodejs/node_modules/one/index.js", "layer"),
        module("nodejs/node_modules/own/index.js", "layer"),
        module("nodejs/node_modules/@aws-sdk/client-s3/index.js", "layer"),
    ];
    for mut package in asking("'one', 'own', '@aws-sdk/client-s3'") {
        package.files.push(module("node_modules/own/index.js", "function"));
        let told = world.call(&world.layered(&package, std::slice::from_ref(&layer)), "{}").await.value;
        assert_eq!(told, json!(["layer", "function", "layer"]));
    }
    // What the layer doesn't have comes from the platform still.
    let layer = vec![module("nodejs/node_modules/one/index.js", "layer")];
    for package in asking("'one', '@aws-sdk/client-s3'") {
        let told = world.call(&world.layered(&package, std::slice::from_ref(&layer)), "{}").await.value;
        assert_eq!(told, json!(["layer", "platform"]));
    }
    let path = index("exports.handler = async () => require('one').from;");
    assert_eq!(world.call(&world.layered(&path, &[layer]), "{}").await.value, "/opt/nodejs/node_modules/one/index.js");
}

async fn versions(world: &World) {
    let layers = [
        vec![
            module("nodejs/node_modules/both/index.js", "all"),
            module("nodejs/node_modules/common/index.js", "all"),
            module("nodejs/node18/node_modules/both/index.js", "18"),
        ],
        vec![module("nodejs/node20/node_modules/both/index.js", "20")],
    ];
    for package in asking("'both', 'common'") {
        assert_eq!(world.call(&world.layered(&package, &layers), "{}").await.value, json!(["20", "all"]));
    }
    let sdk = index("exports.handler = async () => require('@aws-sdk/client-s3').origin;");
    assert_eq!(world.call(&world.layered(&sdk, &layers), "{}").await.value, "platform");
}
