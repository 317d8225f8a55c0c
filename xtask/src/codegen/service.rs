//! Writes `service.rs`: the trait of the implemented operations and its adapter.

use super::Input;
use super::crate_root::header;
use super::names::field;

pub(crate) fn write(input: &Input) -> String {
    let implemented: Vec<(usize, &str)> = implemented(input);
    let mut text = header(input);
    text.push_str(&imports(!implemented.is_empty()));
    text.push_str(&interface(input, &implemented));
    text.push_str(&adapter(input, &implemented));
    text.push_str(&delegation(input, &implemented));
    text
}

/// The implemented operations, with their places in the table.
fn implemented<'a>(input: &Input<'a>) -> Vec<(usize, &'a str)> {
    let all = input.model.operations.iter().enumerate();
    all.map(|(index, (name, _))| (index, name))
        .filter(|(_, name)| input.overrides.implemented.contains(*name))
        .collect()
}

fn imports(any: bool) -> String {
    let (traits, functions, types) =
        if any { ("FromValue, ", "answered, refused", "use crate::types;\n") } else { ("", "refused", "") };
    // The macro below names the context by way of this module.
    let kernel = if any {
        "use updraft_kernel::{AwsError, BoxFuture};\n#[doc(hidden)]\npub use updraft_kernel::Ctx;"
    } else {
        "use updraft_kernel::{AwsError, BoxFuture, Ctx};"
    };
    let functions = if any { format!("{{{functions}}}") } else { functions.to_owned() };
    format!(
        "//! What a service crate implements, and how the edge reaches it.\n\n\
         use std::fmt::Debug;\nuse std::sync::Arc;\n\n\
         {kernel}\n\
         use updraft_wire::service::{functions};\n\
         use updraft_wire::{{{traits}Operation, Service, ServiceModel, Value}};\n\n\
         use crate::MODEL;\n{types}\n"
    )
}

fn interface(input: &Input, implemented: &[(usize, &str)]) -> String {
    let mut text = format!(
        "/// The operations that the house answers; those it doesn't are refused by the adapter.\n\
         pub trait {}: Debug + Send + Sync + 'static {{\n",
        input.service.interface
    );
    for (_, name) in implemented {
        text += &format!(
            "    fn {}<'a>(&'a self, cx: &'a Ctx, input: types::{name}Input) -> BoxFuture<'a, Result<types::{name}Output, AwsError>>;\n",
            field(name)
        );
    }
    text + "}\n\n"
}

/// So many arms fit into a function of the house's length, with what stands around them.
const ARMS: usize = 57;

fn adapter(input: &Input, implemented: &[(usize, &str)]) -> String {
    let interface = &input.service.interface;
    let (inner, arguments) = if implemented.is_empty() {
        ("_inner", "_: &'a Ctx, op: &'static Operation, _: Value")
    } else {
        ("inner", "cx: &'a Ctx, op: &'static Operation, input: Value")
    };
    let mut arms = String::new();
    for (index, name) in implemented {
        arms += &format!(
            "            {index} => answered(self.{inner}.{}(cx, FromValue::from_value(input))),\n",
            field(name)
        );
    }
    let body = if implemented.is_empty() {
        "        refused(&MODEL, op)\n".to_owned()
    } else {
        format!("        match op.index {{\n{arms}            _ => refused(&MODEL, op),\n        }}\n")
    };
    let long = if implemented.len() > ARMS {
        "#[expect(clippy::too_many_lines, reason = \"a line for each operation\")]\n    "
    } else {
        ""
    };
    format!(
        "/// The untyped face of `inner`.\n\
         #[must_use]\n\
         pub fn service(inner: Arc<dyn {interface}>) -> Arc<dyn Service> {{\n    \
             Arc::new(Adapter {{ {inner}{} }})\n}}\n\n\
         #[derive(Debug)]\nstruct Adapter {{\n    {inner}: Arc<dyn {interface}>,\n}}\n\n\
         impl Service for Adapter {{\n    \
             fn model(&self) -> &'static ServiceModel {{\n        &MODEL\n    }}\n\n    \
             {long}fn call<'a>(&'a self, {arguments}) -> BoxFuture<'a, Result<Value, AwsError>> {{\n{body}    }}\n}}\n",
        if inner == "inner" { "" } else { ": inner" },
    )
}

/// The macro by which a service crate implements the trait, so that no crate lists its operations by hand.
fn delegation(input: &Input, implemented: &[(usize, &str)]) -> String {
    let interface = &input.service.interface;
    let answer = "\n/// What a method of the trait answers.\n#[doc(hidden)]\n\
                  pub type Answer<'a, T> = BoxFuture<'a, Result<T, AwsError>>;\n";
    let answer = if implemented.is_empty() { "" } else { answer };
    let methods: String = implemented.iter().map(|(_, name)| delegated(name)).collect();
    format!(
        "{answer}\n\
         /// Implements [`{interface}`] for a service, each operation by the function of its name in `$ops`' module of that name.\n\
         #[macro_export]\nmacro_rules! delegate {{\n    ($service:ty, $ops:ident) => {{\n        \
             impl $crate::service::{interface} for $service {{\n{methods}        }}\n    }};\n}}\n"
    )
}

fn delegated(name: &str) -> String {
    let method = field(name);
    format!(
        "            fn {method}<'a>(&'a self, cx: &'a $crate::service::Ctx, input: $crate::types::{name}Input) -> $crate::service::Answer<'a, $crate::types::{name}Output> {{\n                \
                         Box::pin($ops::{method}::{method}(self, cx, input))\n            }}\n"
    )
}
