//! `/_updraft/nodes`: who serves this store; and what the health page says of this node.

use http::StatusCode;
use serde_json::{Map, Value, json};
use updraft_nodes::{Health, NodeInfo, NodeState, Nodes};

use super::{clock, failure};
use crate::response::{self, Response};

pub(super) async fn page(nodes: &Nodes) -> Response {
    match nodes.list().await {
        Ok(list) => {
            let list: Vec<_> = list.iter().map(shown).collect();
            response::json(StatusCode::OK, &json!({ "nodes": list }))
        }
        Err(err) => {
            tracing::error!(error = %err, source = ?err, "the nodes could not be listed");
            failure(StatusCode::SERVICE_UNAVAILABLE, "the store could not be read; the log says why")
        }
    }
}

/// Why this node shouldn't be sent requests, as a sentence; `None`: it should.
pub(super) fn why_not(health: &Health) -> Option<String> {
    if !health.troubles.is_empty() {
        let reasons: Vec<_> = health.troubles.iter().map(ToString::to_string).collect();
        return Some(reasons.join("; "));
    }
    let serves = matches!(health.state, NodeState::Alone | NodeState::Serving);
    (!serves).then(|| format!("this node is {}", health.state.word()))
}

/// What the health page says of this node.
pub(super) fn own(nodes: &Nodes, health: &Health) -> Value {
    let reasons: Vec<_> = health.troubles.iter().map(ToString::to_string).collect();
    json!({ "name": nodes.name(), "state": health.state.word(), "reasons": reasons })
}

/// One node. What an embedded store's only node doesn't have is left out.
fn shown(node: &NodeInfo) -> Value {
    let dead_since = if let NodeState::Dead { since } = node.state { Some(since) } else { None };
    let address = Some(node.address.as_str()).filter(|address| !address.is_empty());
    let millis = node.beat_age.and_then(|age| u64::try_from(age.as_millis()).ok());
    let fields = [
        ("id", node.id.map(|id| id.to_string().into())),
        ("name", Some(node.name.clone().into())),
        ("address", address.map(Into::into)),
        ("version", Some(node.version.clone().into())),
        ("state", Some(node.state.word().into())),
        ("deadSince", dead_since.map(|at| clock::iso(at).into())),
        ("started", node.started.map(|at| clock::iso(at).into())),
        ("beatAgeMillis", millis.map(Into::into)),
        ("skewMillis", node.skew_millis.map(Into::into)),
        ("leases", node.leases.map(Into::into)),
    ];
    let present = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use updraft_kernel::UnixMillis;
    use updraft_nodes::{NodeId, Trouble};

    use super::*;

    #[tokio::test]
    async fn an_embedded_stores_only_node_says_that_it_is_alone() {
        let alone = Nodes::alone();
        let shown = shown(&alone.list().await.unwrap()[0]);
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(shown, json!({ "name": "this process", "version": version, "state": "alone" }));
        let health = alone.health().borrow().clone();
        assert_eq!(why_not(&health), None);
        assert_eq!(own(&alone, &health), json!({ "name": null, "state": "alone", "reasons": [] }));
    }

    #[test]
    fn a_node_is_shown_with_all_it_has() {
        let node = NodeInfo {
            id: Some(NodeId(258)),
            name: "a".into(),
            address: "10.0.0.1:4566".into(),
            version: "0.1.0".into(),
            state: NodeState::Dead { since: UnixMillis(1_893_456_002_000) },
            started: Some(UnixMillis(1_893_456_000_000)),
            beat_age: Some(Duration::from_millis(3_500)),
            skew_millis: Some(-7),
            leases: Some(5),
        };
        let expected = json!({
            "id": "0000000000000102", "name": "a", "address": "10.0.0.1:4566", "version": "0.1.0", "state": "dead",
            "deadSince": "2030-01-01T00:00:02.000Z", "started": "2030-01-01T00:00:00.000Z", "beatAgeMillis": 3500,
            "skewMillis": -7, "leases": 5,
        });
        assert_eq!(shown(&node), expected);
    }

    #[test]
    fn a_node_with_troubles_or_on_its_way_out_says_why_it_cant_serve() {
        let cut_off = Health { state: NodeState::Serving, troubles: vec![Trouble::CutOff] };
        let leaving = Health { state: NodeState::Draining, troubles: vec![] };
        assert!(why_not(&cut_off).is_some_and(|why| why.contains("no heart-beat")));
        assert_eq!(why_not(&leaving).as_deref(), Some("this node is draining"));
        let said = own(&Nodes::alone(), &cut_off);
        assert!(said["reasons"][0].as_str().is_some_and(|why| why.contains("no heart-beat")), "{said}");
    }
}
