//! Arguments of SDK integrations, held against what operations take.

use serde_json::Value;
use updraft_asl::run::Fits;

use super::call::called;
use super::given::TEXTS;
use crate::StepFunctions;

pub(crate) fn fits(svc: &StepFunctions) -> Fits {
    let inputs = svc.parts.inputs.clone();
    Fits::new(move |service: &str, action: &str, arguments: &Value| {
        let (unknown, not_text) = (inputs.0)(called(service), action, arguments);
        let unknown = unknown.iter().map(|name| format!("The field \"{name}\" is not supported by Step Functions"));
        // What is written as text before it is sent may be anything.
        let not_text = not_text.iter().filter(|name| !TEXTS.contains(&name.as_str()));
        unknown.chain(not_text.map(|name| format!("The value for the field '{name}' must be a STRING"))).collect()
    })
}
