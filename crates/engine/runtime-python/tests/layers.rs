//! What layers bring.

use updraft_exec::suite::{Case, SampleFile, World};

use crate::app;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        ("a_layers_modules_are_imported_and_later_layers_win", |w| Box::pin(imports(w))),
        ("a_layers_programs_and_wrapper_are_run", |w| Box::pin(programs(w))),
        ("layers_cant_be_written_to", |w| Box::pin(read_only(w))),
    ]
}

fn file(path: &'static str, text: &str) -> SampleFile {
    (path, text.to_owned(), true)
}

async fn imports(world: &World) {
    let code = "
import sys, own, one, both, packaged
def handler(event, context):
    return [own.x, one.x, both.x, packaged.x, [path for path in sys.path if path.startswith('/opt')]]
";
    let mut package = app(code);
    package.files.push(file("own.py", "x = 'function'"));
    let first = vec![
        file("python/own.py", "x = 'layer'"),
        file("python/one.py", "x = 1"),
        file("python/both.py", "x = 1"),
        file("python/lib/python3.12/site-packages/packaged.py", "x = 'site'"),
    ];
    let second = vec![file("python/both.py", "x = 2")];
    let outcome = world.call(&world.layered(&package, &[first, second]), "{}").await;
    let told = outcome.value.as_array().cloned().unwrap_or_default();
    assert_eq!(told.len(), 5, "{}", outcome.value);
    assert_eq!(told[..4], [serde_json::json!("function"), 1.into(), 2.into(), "site".into()]);
    assert_eq!(told[4].as_array().and_then(|paths| paths.last().cloned()).unwrap_or_default(), "/opt/python");
}

async fn programs(world: &World) {
    let code = "
import os, subprocess
def handler(event, context):
    return [subprocess.check_output(['tool']).decode(), os.environ['WRAPPED']]
";
    let wrapper = "#!/bin/sh\nexport WRAPPED=yes\nexec \"$@\"\n";
    let layer = vec![file("bin/tool", "#!/bin/sh\necho from a layer\n"), file("wrapper", wrapper)];
    let mut spec = world.layered(&app(code), &[layer]);
    spec.environment.insert("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), "/opt/wrapper".to_owned());
    assert_eq!(world.call(&spec, "{}").await.value.to_string(), r#"["from a layer\n","yes"]"#);
}

async fn read_only(world: &World) {
    let code = "
def handler(event, context):
    refused = []
    for path in ('/opt/new', '/opt/a', '/var/runtime/bootstrap.pyc'):
        try:
            open(path, 'w')
        except OSError as error:
            refused.append(error.errno)
    return [len(refused), open('/opt/var/runtime/bootstrap.pyc').read()]
";
    let layer = vec![file("a", "1"), file("var/runtime/bootstrap.pyc", "a layer's")];
    assert_eq!(world.call(&world.layered(&app(code), &[layer]), "{}").await.value.to_string(), r#"[3,"a layer's"]"#);
}
