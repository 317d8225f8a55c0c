//! Events of payload format 2.0.

use serde_json::Value;
use updraft_proxy::event::Event;

use crate::invoke::context::Incoming;

pub(crate) fn event(incoming: &Incoming<'_>) -> Value {
    let event = Event {
        received: &incoming.received,
        account: incoming.account,
        domain: incoming.domain(),
        path: incoming.path(),
        route_key: incoming.route_key,
        stage: incoming.stage,
        request_id: incoming.request_id,
        authorizer: None,
        path_parameters: &incoming.variables,
        stage_variables: incoming.stage_variables,
    };
    event.json()
}
