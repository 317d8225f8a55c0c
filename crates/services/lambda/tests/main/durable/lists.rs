//! Lists of executions.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    ExecutionStatus, InvokeInput, ListDurableExecutionsByFunctionInput as Asked, PublishVersionInput,
};
use updraft_kernel::UnixMillis;

use super::support::{PENDING, SUCCEEDED, event, failed, wait};
use crate::support::{Platform, refused};

fn asked() -> Asked {
    Asked { function_name: "f".into(), ..Asked::default() }
}

impl Platform {
    /// Named `a` to `f`, a second apart, of which `a` and `d` still wait, `b` and `e` failed, and the rest succeeded.
    async fn six(&self) {
        self.durable(|turn| async move {
            match turn.input() {
                "0" | "3" if turn.status("w").is_empty() => {
                    turn.checkpoint(vec![wait("w", 500)]).await;
                    PENDING.into()
                }
                "1" | "4" => failed("E", "no"),
                _ => SUCCEEDED.into(),
            }
        })
        .await;
        for (name, payload) in [("a", "0"), ("b", "1"), ("c", "2"), ("d", "3"), ("e", "4"), ("f", "5")] {
            let durable_execution_name = Some(name.to_owned());
            self.try_start(InvokeInput { durable_execution_name, ..event("f:$LATEST", payload) }).await.unwrap();
            self.pass(1).await;
        }
    }

    async fn listed(&self, input: Asked) -> String {
        let (mut names, mut input) = (String::new(), input);
        loop {
            let page = self.lambda.list_durable_executions_by_function(&self.cx(), input.clone()).await.unwrap();
            for execution in page.durable_executions.unwrap() {
                names.push_str(&execution.durable_execution_name);
            }
            match page.next_marker {
                Some(marker) => input.marker = Some(marker),
                None => return names,
            }
        }
    }
}

#[tokio::test]
async fn the_latest_come_first_unless_asked_otherwise() {
    let platform = Platform::new();
    platform.six().await;
    for max_items in [None, Some(1), Some(2), Some(6)] {
        assert_eq!(platform.listed(Asked { max_items, ..asked() }).await, "fedcba");
        let reverse_order = Some(true);
        assert_eq!(platform.listed(Asked { max_items, reverse_order, ..asked() }).await, "abcdef");
    }
    platform.stop().await;
}

#[tokio::test]
async fn they_are_chosen_by_status_name_and_time() {
    let platform = Platform::new();
    platform.six().await;
    let statuses = |list: &[ExecutionStatus]| Asked { statuses: Some(list.to_vec()), ..asked() };
    use ExecutionStatus::{Failed, Running, Stopped, Succeeded};
    assert_eq!(platform.listed(statuses(&[Running])).await, "da");
    assert_eq!(platform.listed(Asked { max_items: Some(1), ..statuses(&[Failed, Succeeded]) }).await, "fecb");
    assert_eq!(platform.listed(statuses(&[Stopped])).await, "");
    let name = |name: &str| Asked { durable_execution_name: Some(name.into()), ..asked() };
    assert_eq!(platform.listed(name("e")).await, "e");
    assert_eq!(platform.listed(name("x")).await, "");
    assert_eq!(platform.listed(Asked { statuses: Some(vec![Running]), ..name("e") }).await, "");
    let now = platform.cx().now().0;
    let at = |seconds: i64| Some(UnixMillis(now - seconds * 1_000));
    assert_eq!(platform.listed(Asked { started_after: at(4), ..asked() }).await, "fed");
    assert_eq!(platform.listed(Asked { started_before: at(4), ..asked() }).await, "ba");
    let between = Asked { started_after: at(6), started_before: at(2), max_items: Some(1), ..asked() };
    assert_eq!(platform.listed(between.clone()).await, "dcb");
    assert_eq!(platform.listed(Asked { reverse_order: Some(true), ..between }).await, "bcd");
    platform.pass(500).await;
    assert_eq!(platform.listed(statuses(&[Running])).await, "", "lists follow what happens");
    platform.stop().await;
}

#[tokio::test]
async fn they_are_chosen_by_version() {
    let platform = Platform::new();
    platform.durable(|_| async { SUCCEEDED.into() }).await;
    let publish = PublishVersionInput { function_name: "f".into(), ..PublishVersionInput::default() };
    platform.lambda.publish_version(&platform.cx(), publish).await.unwrap();
    for (function, name) in [("f:$LATEST", "a"), ("f:1", "b")] {
        let durable_execution_name = Some(name.to_owned());
        platform.try_start(InvokeInput { durable_execution_name, ..event(function, "1") }).await.unwrap();
        platform.pass(1).await;
    }
    let of = |qualifier: &str| Asked { qualifier: Some(qualifier.into()), ..asked() };
    assert_eq!(platform.listed(asked()).await, "ba");
    assert_eq!(platform.listed(of("1")).await, "b");
    assert_eq!(platform.listed(of("$LATEST")).await, "a");
    let cx = platform.cx();
    let lists = |input| platform.lambda.list_durable_executions_by_function(&cx, input);
    assert_eq!(refused(lists(of("7")).await).0, "ResourceNotFoundException");
    let nobody = Asked { function_name: "nobody".into(), ..asked() };
    assert_eq!(refused(lists(nobody).await).0, "ResourceNotFoundException");
    let broken = Asked { marker: Some("x".into()), ..asked() };
    assert_eq!(refused(lists(broken).await).0, "InvalidParameterValueException");
    platform.stop().await;
}
