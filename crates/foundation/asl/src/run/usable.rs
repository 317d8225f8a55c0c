//! Arguments that no call can be made with: the state fails before anything is scheduled.

use serde_json::Value;

use super::Trouble;
use super::context::Found;
use crate::definition::Resource;

/// `field`: what they are called.
pub(super) fn usable(resource: &Resource, arguments: &Value, field: &str) -> Found<()> {
    let wrong: Vec<String> = match resource {
        Resource::Service { service, sdk: false, .. } if service == "apigateway" => {
            let lists = |name: &&str| arguments.get(*name).is_none_or(of_lists);
            let wrong = ["Headers", "QueryParameters"].into_iter().filter(|name| !lists(name));
            wrong.map(|name| format!("The value of the field '{name}' has an invalid format")).collect()
        }
        _ => Vec::new(),
    };
    if wrong.is_empty() {
        return Ok(());
    }
    let wrong = wrong.join(", ");
    Err(Trouble::runtime(format!("The {field} '{arguments}' could not be used to start the Task: [{wrong}]")))
}

fn of_lists(value: &Value) -> bool {
    value.as_object().is_some_and(|members| members.values().all(Value::is_array))
}
