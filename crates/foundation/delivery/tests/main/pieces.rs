//! Payloads that lie in several rows, and what follows from a delivery.

use updraft_delivery::{Delivery, Verdict};
use updraft_store::{KeyRange, ScanOptions, StoreError, StoreExt};

use crate::support::{Platform, SECOND, delivery, retry, start, store};

const PIECE: usize = 256 * 1024;
const MOST: usize = 16 << 20;

/// Bytes of which no two pieces are alike.
fn noise(len: usize) -> Vec<u8> {
    (0..len).map(|n| u8::try_from((n * 7 + n / 251) % 256).unwrap()).collect()
}

fn large(id: &str, len: usize) -> Delivery {
    Delivery { payload: noise(len), ..delivery(id, "t") }
}

impl Platform {
    fn payloads(&self) -> Vec<usize> {
        self.target.given.lock().iter().map(|given| given.delivery.payload.len()).collect()
    }

    async fn pieces(&self) -> Vec<bytes::Bytes> {
        let range = KeyRange::new(&b"\x03\x15\x04"[..], &b"\x03\x15\x05"[..]);
        let mut tx = self.store.read().await.unwrap();
        let page = tx.raw().scan(range, ScanOptions::default().max_bytes(MOST * 2)).await.unwrap();
        page.rows.into_iter().map(|(key, _)| key).collect()
    }
}

#[tokio::test]
async fn payloads_of_all_sizes_come_whole_and_leave_nothing_behind() {
    for len in [PIECE, PIECE + 1, 2 * PIECE, 5 * PIECE - 1, MOST] {
        let world = start(&store());
        world.target.plan("a", &[retry()]);
        world.enqueue([large("a", len)]).await;
        assert_eq!(world.pieces().await.len(), if len > PIECE { len.div_ceil(PIECE) } else { 0 });
        world.settle().await;
        world.pass(SECOND).await;
        assert_eq!(world.payloads(), [len, len]);
        assert!(world.target.given.lock().iter().all(|given| given.delivery.payload == noise(len)));
        assert_eq!(world.rows().await, 0);
        world.crash().await;
    }
}

#[tokio::test]
async fn more_than_the_most_is_refused_at_the_door() {
    let world = start(&store());
    let mut tx = world.store.write().await.unwrap();
    let refused = world.outbox.enqueue(&mut tx, large("a", MOST + 1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::TooLarge { size, limit: MOST, .. } if size == MOST + 1), "{refused}");
}

#[tokio::test]
async fn pieces_survive_a_crash_and_go_with_what_is_cancelled() {
    let store = store();
    let world = start(&store);
    world.target.plan("a", &[retry()]);
    world.target.plan("b", &[retry()]);
    world.enqueue([large("a", 3 * PIECE), large("b", 3 * PIECE)]).await;
    world.settle().await;
    world.crash().await;

    let world = start(&store);
    let mut tx = store.write().await.unwrap();
    assert!(world.outbox.cancel(&mut tx, "b").await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(world.pieces().await.len(), 3);
    world.pass(SECOND).await;
    assert_eq!((world.target.ids(), world.payloads()), (vec!["a".to_owned()], vec![3 * PIECE]));
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn a_dead_letter_has_the_whole_payload() {
    let world = start(&store());
    world.target.plan("a", &[Verdict::Fail("no".into())]);
    world.enqueue([large("a", 3 * PIECE)]).await;
    world.settle().await;
    assert_eq!(world.payloads(), [3 * PIECE; 2]);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn what_lost_a_piece_is_put_aside_and_not_delivered_in_part() {
    let store = store();
    let world = start(&store);
    world.target.plan("a", &[retry()]);
    world.enqueue([large("a", 3 * PIECE)]).await;
    world.settle().await;
    let lost = world.pieces().await[1].clone();
    let mut tx = store.write().await.unwrap();
    tx.raw().delete(lost);
    tx.commit().await.unwrap();
    world.pass(SECOND).await;
    assert_eq!(world.payloads(), [3 * PIECE]);
    assert_eq!(world.outbox.unreadable(), 1);
}

#[tokio::test]
async fn what_follows_is_put_in_as_its_cause_is_taken_out() {
    let world = start(&store());
    let next = |id: &str| delivery(id, "next");
    world.target.plan("a", &[retry(), Verdict::Then(vec![next("b"), next("c"), next("there")])]);
    world.target.plan("there", &[retry(), retry()]);
    world.enqueue([delivery("a", "t"), delivery("there", "t")]).await;
    world.settle().await;
    world.pass(SECOND).await;
    world.pass(SECOND).await;
    let mut ids = world.target.ids();
    ids.sort();
    assert_eq!(ids, ["a", "a", "b", "c", "there", "there", "there"], "one that was there isn't put in again");
    assert_eq!(world.delivered("next"), 2);
    assert_eq!(world.delivered("dead"), 0);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn what_follows_and_is_too_large_holds_nobody_up() {
    let world = start(&store());
    let too_large = Delivery { payload: noise(MOST + 1), ..delivery("b", "next") };
    world.target.plan("a", &[Verdict::Then(vec![too_large, delivery("c", "next")])]);
    world.enqueue([delivery("a", "t")]).await;
    world.settle().await;
    assert_eq!(world.target.ids(), ["a", "c"]);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn how_often_a_target_was_busy_is_counted_until_an_attempt_counts() {
    let world = start(&store());
    let busy = || Verdict::Busy { reason: "full".into(), after: SECOND };
    world.target.plan("a", &[busy(), busy(), retry(), busy()]);
    world.enqueue([delivery("a", "t")]).await;
    world.settle().await;
    for _ in 0..4 {
        world.pass(SECOND).await;
    }
    let given: Vec<_> = world.target.given.lock().iter().map(|given| (given.attempt, given.busy)).collect();
    assert_eq!(given, [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1)]);
}
