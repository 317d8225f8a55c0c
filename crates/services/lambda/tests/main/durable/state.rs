//! State that is larger than a page.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    GetDurableExecutionStateInput, GetDurableExecutionStateOutput, OperationAction as Action, OperationType as Type,
};

use super::support::{PENDING, SUCCEEDED, Turn, payload, update, wait};
use crate::support::{Platform, refused};

impl Turn {
    async fn state(&self, marker: Option<String>, max_items: Option<i32>) -> GetDurableExecutionStateOutput {
        let input = GetDurableExecutionStateInput {
            durable_execution_arn: self.arn().into(),
            checkpoint_token: self.token(),
            marker,
            max_items,
        };
        self.lambda().get_durable_execution_state(self.cx(), input).await.unwrap()
    }
}

#[tokio::test]
async fn operations_are_read_page_by_page_in_the_order_of_their_beginnings() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            if turn.number == 1 {
                for batch in 0..25 {
                    let steps = (0..50).map(|nth| {
                        payload("1", update(&format!("s{}", batch * 50 + nth), Type::Step, Action::Succeed))
                    });
                    turn.checkpoint(steps.collect()).await;
                }
                turn.checkpoint(vec![wait("w", 1)]).await;
                return PENDING.into();
            }
            let mut ids: Vec<String> =
                turn.operations().iter().map(|operation| operation["Id"].as_str().unwrap().to_owned()).collect();
            assert_eq!(ids.len(), 1_000);
            let mut marker = turn.event["InitialExecutionState"]["NextMarker"].as_str().map(str::to_owned);
            let mut pages = 0;
            while let Some(from) = marker {
                let page = turn.state(Some(from), None).await;
                ids.extend(page.operations.iter().map(|operation| operation.id.clone()));
                (marker, pages) = (page.next_marker, pages + 1);
            }
            let expected: Vec<String> = (0..1250).map(|n| format!("s{n}")).chain(["w".to_owned()]).collect();
            assert_eq!((&ids[1..], pages), (&expected[..], 3));
            let first = turn.state(None, Some(3)).await;
            let shown: Vec<_> = first.operations.iter().map(|operation| operation.r#type.as_str()).collect();
            assert_eq!(shown, ["EXECUTION", "STEP", "STEP"]);
            assert_eq!(turn.state(Some(String::new()), Some(1000)).await.operations.len(), 1_000);
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    platform.pass(1).await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    platform.stop().await;
}

#[tokio::test]
async fn large_payloads_are_kept_whole_and_fill_pages() {
    let platform = Platform::new();
    let text = |n: usize| format!("\"{}\"", char::from(b'a' + u8::try_from(n).unwrap()).to_string().repeat(1_000_000));
    platform
        .durable(move |turn| async move {
            if turn.number == 1 {
                for n in 0..8 {
                    let step = update(&format!("s{n}"), Type::Step, Action::Succeed);
                    let told = turn.checkpoint(vec![payload(&text(n), step)]).await;
                    assert_eq!(told[0].step_details.as_ref().unwrap().result, Some(text(n)));
                }
                turn.checkpoint(vec![wait("w", 1)]).await;
                return PENDING.into();
            }
            assert_eq!(turn.operations().len(), 6, "the execution, and five megabytes");
            assert_eq!(turn.operation("s4").unwrap()["StepDetails"]["Result"].as_str(), Some(&*text(4)));
            let marker = turn.event["InitialExecutionState"]["NextMarker"].as_str().unwrap();
            let rest = turn.state(Some(marker.into()), Some(1000)).await;
            let ids: Vec<_> = rest.operations.iter().map(|operation| operation.id.as_str()).collect();
            assert_eq!((ids, rest.next_marker), (vec!["s5", "s6", "s7", "w"], None));
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    platform.pass(1).await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    platform.stop().await;
}

#[tokio::test]
async fn a_marker_that_is_none_is_refused() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            let input = GetDurableExecutionStateInput {
                durable_execution_arn: turn.arn().into(),
                checkpoint_token: turn.token(),
                marker: Some("x".into()),
                max_items: None,
            };
            let (code, text) = refused(turn.lambda().get_durable_execution_state(turn.cx(), input).await);
            assert_eq!((code, &*text), ("InvalidParameterValueException", "Invalid marker"));
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    platform.stop().await;
}
