//! Writes `service.rs`: the trait of the implemented operations and its adapter.

use super::Input;
use super::crate_root::header;
use super::names::{field, type_name};

/// An implemented operation.
struct Implemented<'a> {
    /// Its place in the table.
    index: usize,
    name: &'a str,
    /// The type of its events, for one that answers in events.
    events: Option<String>,
}

impl Implemented<'_> {
    /// What its method answers, with its types in `types`.
    fn answer(&self, streaming: &str, types: &str) -> String {
        let output = format!("{types}::{}Output", self.name);
        match &self.events {
            Some(events) => format!("{streaming}<{output}, {types}::{events}>"),
            None => output,
        }
    }
}

pub(crate) fn write(input: &Input) -> String {
    let implemented = implemented(input);
    let mut text = header(input);
    text.push_str(&imports(&implemented));
    text.push_str(&interface(input, &implemented));
    text.push_str(&adapter(input, &implemented));
    text.push_str(&delegation(input, &implemented));
    text
}

fn implemented<'a>(input: &Input<'a>) -> Vec<Implemented<'a>> {
    let all = input.model.operations.iter().enumerate();
    all.filter(|(_, (name, _))| input.overrides.implemented.contains(*name))
        .map(|(index, (name, op))| {
            let events = input.model.event_stream(op).map(|(_, shape)| type_name(shape));
            Implemented { index, name, events }
        })
        .collect()
}

fn imports(implemented: &[Implemented]) -> String {
    let any = !implemented.is_empty();
    let (traits, types) = if any { ("FromValue, ", "use crate::types;\n") } else { ("", "") };
    let whole = implemented.iter().any(|op| op.events.is_none());
    let streams = implemented.iter().any(|op| op.events.is_some());
    let functions = [(whole, "answered"), (true, "refused")];
    let functions: Vec<&str> = functions.into_iter().filter(|(used, _)| *used).map(|(_, name)| name).collect();
    let functions = match functions.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("{{{}}}", many.join(", ")),
    };
    // The macro below names these by way of this module.
    let kernel = if any {
        "use updraft_kernel::{AwsError, BoxFuture};\n#[doc(hidden)]\npub use updraft_kernel::Ctx;"
    } else {
        "use updraft_kernel::{AwsError, BoxFuture, Ctx};"
    };
    let streaming =
        if streams { "use updraft_wire::streaming::streamed;\npub use updraft_wire::Streaming;\n" } else { "" };
    format!(
        "//! What a service crate implements, and how the edge reaches it.\n\n\
         use std::fmt::Debug;\nuse std::sync::Arc;\n\n\
         {kernel}\n\
         use updraft_wire::service::{functions};\n\
         {streaming}\
         use updraft_wire::{{{traits}Operation, Service, ServiceModel, Value}};\n\n\
         use crate::MODEL;\n{types}\n"
    )
}

fn interface(input: &Input, implemented: &[Implemented]) -> String {
    let mut text = format!(
        "/// The operations that the house answers; those it doesn't are refused by the adapter.\n\
         pub trait {}: Debug + Send + Sync + 'static {{\n",
        input.service.interface
    );
    for op in implemented {
        text += &format!(
            "    fn {}<'a>(&'a self, cx: &'a Ctx, input: types::{}Input) -> BoxFuture<'a, Result<{}, AwsError>>;\n",
            field(op.name),
            op.name,
            op.answer("Streaming", "types"),
        );
    }
    text + "}\n\n"
}

/// So many arms fit into a function of the house's length, with what stands around them.
const ARMS: usize = 57;

fn adapter(input: &Input, implemented: &[Implemented]) -> String {
    let interface = &input.service.interface;
    let inner = if implemented.is_empty() { "_inner" } else { "inner" };
    let whole: Vec<_> = implemented.iter().filter(|op| op.events.is_none()).collect();
    let streams: Vec<_> = implemented.iter().filter(|op| op.events.is_some()).collect();
    let call = method("call", "Value", "answered", &whole);
    let stream = match streams.as_slice() {
        [] => String::new(),
        ops => format!("\n{}", method("stream", "Streaming<Value, Value>", "streamed", ops)),
    };
    format!(
        "/// The untyped face of `inner`.\n\
         #[must_use]\n\
         pub fn service(inner: Arc<dyn {interface}>) -> Arc<dyn Service> {{\n    \
             Arc::new(Adapter {{ {inner}{} }})\n}}\n\n\
         #[derive(Debug)]\nstruct Adapter {{\n    {inner}: Arc<dyn {interface}>,\n}}\n\n\
         impl Service for Adapter {{\n    \
             fn model(&self) -> &'static ServiceModel {{\n        &MODEL\n    }}\n\n\
             {call}{stream}}}\n",
        if inner == "inner" { "" } else { ": inner" },
    )
}

/// One of the two ways to reach operations.
fn method(name: &str, answer: &str, with: &str, ops: &[&Implemented]) -> String {
    let long = if ops.len() > ARMS {
        "#[expect(clippy::too_many_lines, reason = \"a line for each operation\")]\n    "
    } else {
        ""
    };
    let (arguments, body) = if ops.is_empty() {
        ("_: &'a Ctx, op: &'static Operation, _: Value", "        refused(&MODEL, op)\n".to_owned())
    } else {
        let arm = |op: &&Implemented| {
            let (index, method) = (op.index, field(op.name));
            format!("            {index} => {with}(self.inner.{method}(cx, FromValue::from_value(input))),\n")
        };
        let arms: String = ops.iter().map(arm).collect();
        let body = format!("        match op.index {{\n{arms}            _ => refused(&MODEL, op),\n        }}\n");
        ("cx: &'a Ctx, op: &'static Operation, input: Value", body)
    };
    format!(
        "    {long}fn {name}<'a>(&'a self, {arguments}) -> BoxFuture<'a, Result<{answer}, AwsError>> {{\n{body}    }}\n"
    )
}

/// The macro by which a service crate implements the trait, so that no crate lists its operations by hand.
fn delegation(input: &Input, implemented: &[Implemented]) -> String {
    let interface = &input.service.interface;
    let answer = "\n/// What a method of the trait answers.\n#[doc(hidden)]\n\
                  pub type Answer<'a, T> = BoxFuture<'a, Result<T, AwsError>>;\n";
    let answer = if implemented.is_empty() { "" } else { answer };
    let methods: String = implemented.iter().map(delegated).collect();
    format!(
        "{answer}\n\
         /// Implements [`{interface}`] for a service, each operation by the function of its name in `$ops`' module of that name.\n\
         #[macro_export]\nmacro_rules! delegate {{\n    ($service:ty, $ops:ident) => {{\n        \
             impl $crate::service::{interface} for $service {{\n{methods}        }}\n    }};\n}}\n"
    )
}

fn delegated(op: &Implemented) -> String {
    let (name, method) = (op.name, field(op.name));
    let answer = op.answer("$crate::service::Streaming", "$crate::types");
    format!(
        "            fn {method}<'a>(&'a self, cx: &'a $crate::service::Ctx, input: $crate::types::{name}Input) -> $crate::service::Answer<'a, {answer}> {{\n                \
                         Box::pin($ops::{method}::{method}(self, cx, input))\n            }}\n"
    )
}
