//! Subscribing: `PUT /2022-07-01/telemetry`, and its elder `PUT /2020-08-15/logs`.

use std::sync::Arc;

use bytes::Bytes;

use super::deliver;
use super::hub::Shut;
use super::request;
use super::stream::Stream;
use crate::api::answer::{self, Answer};
use crate::instance::Instance;
use crate::logs::platform::Event;

/// `id`: the extension's.
pub(crate) fn subscribe(instance: &Arc<Instance>, id: &str, logs: bool, body: &Bytes) -> Answer {
    let name = match instance.extensions.name_of(id) {
        Ok(name) => name,
        Err(refused) => return refused.into(),
    };
    let subscription = match request::parse(logs, body) {
        Ok(subscription) => subscription,
        Err(why) => return answer::invalid(if logs { "Logs.ValidationError" } else { "ValidationError" }, &why),
    };
    let types: Vec<_> = subscription.kinds.iter().map(|kind| kind.as_str()).collect();
    let stream = Arc::new(Stream::new(id.to_owned(), subscription));
    match instance.log.hub.subscribe(&stream) {
        Ok(true) => {
            instance.log.listen();
            let tasks = &instance.host.tasks;
            tasks.spawn("telemetry", deliver::run(Arc::clone(instance), stream));
            instance.log.note(&Event::Subscription { name: &name, types: &types, logs });
            answer::ok(Bytes::from_static(b"\"OK\""))
        }
        Ok(false) => answer::ok(Bytes::from_static(b"\"OK\"")),
        Err(shut) => closed(logs, shut),
    }
}

fn closed(logs: bool, shut: Shut) -> Answer {
    let api = if logs { "Logs" } else { "Telemetry" };
    let message = match shut {
        Shut::Closed => format!("{api} API subscription is closed already"),
        Shut::Other => format!("{api} API subscription is closed: the extension has subscribed by the other API"),
    };
    answer::forbidden(&format!("{api}.SubscriptionClosed"), &message)
}
