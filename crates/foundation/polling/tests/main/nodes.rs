//! Several nodes on one store: one of them polls a mapping.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{SeededRng, SystemClock, Tasks};
use updraft_nodes::{Nodes, Parts, Settings};
use updraft_store::Store;
use updraft_testkit::wait_until_async;

use crate::support::World;

const DEADLINE: Duration = Duration::from_secs(20);

async fn join(store: &Arc<dyn Store>, number: u64) -> Nodes {
    let settings = Settings {
        beat: Duration::from_millis(20),
        ttl: Duration::from_millis(2_000),
        grace: Duration::from_secs(60),
        ..Settings::new(&format!("node {number}"), "", "test")
    };
    let (clock, rng) = (Arc::new(SystemClock::new()), Arc::new(SeededRng::new(number)));
    Nodes::join(Parts { store: Arc::clone(store), clock, rng, settings }).await.unwrap()
}

/// Leases that this node has.
async fn leases(nodes: &Nodes) -> usize {
    let name = nodes.name().map(str::to_owned);
    let all = nodes.list().await.unwrap();
    all.iter().filter(|info| Some(&info.name) == name.as_ref()).filter_map(|info| info.leases).sum()
}

#[tokio::test]
async fn one_polls_and_when_it_leaves_another_does() {
    let store: Arc<dyn Store> = updraft_store_mem::open().unwrap();
    let (first, second) = (join(&store, 1).await, join(&store, 2).await);
    let (tasks, one) = (Tasks::new(), World::on(&first));
    let two = one.beside(&second);
    first.start(&tasks);
    wait_until_async(DEADLINE, async || leases(&first).await == 16).await.unwrap();
    one.begin(|_| ());
    two.begin(|_| ());
    for number in 0..20 {
        one.source.0.send([number]).await;
    }
    one.until(|| one.done().len() == 20).await;
    assert_eq!((one.calls().concat().len(), two.calls().len()), (20, 0), "each once, and by the first alone");

    second.start(&tasks);
    first.leave().await;
    wait_until_async(DEADLINE, async || leases(&second).await == 16).await.unwrap();
    for number in 20..40 {
        one.source.0.send([number]).await;
    }
    one.until(|| one.done().len() == 40).await;
    assert_eq!((one.calls().concat().len(), two.calls().concat().len()), (20, 20));
    one.stop().await;
    two.stop().await;
    second.leave().await;
    tasks.stop().await;
}
