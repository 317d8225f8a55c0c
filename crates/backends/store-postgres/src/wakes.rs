//! Waking whoever watches: in this process at once, on other nodes by notifications, and everybody now and then, since
//! a notification may be lost with its connection.
//!
//! Notifications go out behind the commit and not inside it: PostgreSQL lets only one transaction at a time commit with
//! a notification.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use updraft_kernel::{Clock, OsRng, RngExt, Shutdown};
use updraft_store::{Result, Topic, Watch, WatchTable};

use crate::connect::{Hears, Use};
use crate::errors::Failure;
use crate::session::Session;
use crate::shared::Shared;

/// Topics of one notification: its text may have 8,000 bytes.
const TOPICS: usize = 400;

/// How often everything is looked at where the database has no notifications.
const DEAF: Duration = Duration::from_millis(200);

/// Between two attempts to connect.
const AGAIN: Duration = Duration::from_millis(500);

/// Who watches here, and what others are to be told.
#[derive(Debug)]
pub(crate) struct Wakes {
    table: WatchTable,
    channel: String,
    /// Begins our notifications, which come back to us.
    origin: String,
    untold: Mutex<HashSet<u64>>,
    more: Notify,
}

impl Wakes {
    pub(crate) fn new(schema: &str) -> Arc<Self> {
        let origin = format!("{:016x}", OsRng.u64());
        let (table, untold, more) = (WatchTable::default(), Mutex::default(), Notify::new());
        Arc::new(Self { table, channel: format!("{schema}_touched"), origin, untold, more })
    }

    pub(crate) fn watch(&self, topic: Topic) -> Watch {
        self.table.watch(topic)
    }

    pub(crate) fn touch(&self, topics: Vec<Topic>) {
        if topics.is_empty() {
            return;
        }
        self.untold.lock().extend(topics.iter().map(|topic| topic.0));
        self.table.touch(topics);
        self.more.notify_one();
    }

    /// A notification.
    fn heard(&self, told: &str) {
        let Some((origin, topics)) = told.split_once(' ') else { return };
        if origin != self.origin {
            let topics = topics.split(',').filter_map(|topic| u64::from_str_radix(topic, 16).ok());
            self.table.touch(topics.map(Topic));
        }
    }

    /// Texts to be sent: each topic once, however often it was touched.
    fn take_untold(&self) -> Vec<String> {
        let topics: Vec<_> = std::mem::take(&mut *self.untold.lock()).into_iter().collect();
        let text = |some: &[u64]| {
            let some: Vec<_> = some.iter().map(|topic| format!("{topic:x}")).collect();
            format!("{} {}", self.origin, some.join(","))
        };
        topics.chunks(TOPICS).map(text).collect()
    }
}

/// Tells and listens until shutdown, over one connection that is made again when it is lost. `first` was made before
/// anybody could watch.
pub(crate) async fn run(shared: Arc<Shared>, mut stop: Shutdown, first: Result<Ear>) {
    let mut ear = first;
    loop {
        match ear {
            Ok(ear) => ear.serve(&shared, &mut stop).await,
            Err(err) => {
                tracing::debug!(?err, "no connection for notifications; they are made up for by looking");
                pause(&shared, &mut stop).await;
            }
        }
        if stop.is_requested() {
            return;
        }
        ear = Ear::new(&shared).await;
        // Whatever was told while nobody listened.
        shared.wakes.table.touch_all();
    }
}

/// A connection for notifications.
pub(crate) struct Ear {
    session: Session,
    /// Between two looks at everything.
    poll: Duration,
}

impl Ear {
    pub(crate) async fn new(shared: &Shared) -> Result<Self> {
        let wakes = Arc::clone(&shared.wakes);
        let hears: Hears = Arc::new(move |told| wakes.heard(told));
        let session = shared.connector.connect_hearing(Use::Statements, Some(hears)).await?;
        let mut poll = shared.options.poll;
        if let Err(err) = session.run(&format!("LISTEN \"{}\"", shared.wakes.channel)).await {
            tracing::info!(?err, "the database has no notifications; watchers look every {DEAF:?}");
            poll = poll.min(DEAF);
        }
        Ok(Self { session, poll })
    }

    /// For as long as the connection lives.
    async fn serve(&self, shared: &Shared, stop: &mut Shutdown) {
        // Goes on over what is told meanwhile: where that never ends, nothing would be looked at.
        let mut look = shared.clock.pause(self.poll);
        while !self.session.is_closed() && !stop.is_requested() {
            tokio::select! {
                () = stop.requested() => {}
                () = shared.wakes.more.notified() => if self.tell(&shared.wakes).await.is_err() { return },
                () = &mut look => {
                    shared.wakes.table.touch_all();
                    look = shared.clock.pause(self.poll);
                }
            }
        }
    }

    async fn tell(&self, wakes: &Wakes) -> std::result::Result<(), Failure> {
        for text in wakes.take_untold() {
            self.session.ask("SELECT pg_notify($1, $2)", &[&wakes.channel, &text]).await?;
        }
        Ok(())
    }
}

async fn pause(shared: &Shared, stop: &mut Shutdown) {
    tokio::select! {
        () = stop.requested() => {}
        () = shared.clock.pause(shared.options.poll.min(AGAIN)) => {}
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn touches_travel_and_our_own_are_not_heard_again() {
        let (here, there) = (Wakes::new("s"), Wakes::new("s"));
        let (mut ours, mut theirs) = (here.watch(Topic(7)), there.watch(Topic(7)));
        here.touch(vec![Topic(7), Topic(u64::MAX), Topic(7)]);
        assert!(ours.changed().now_or_never().is_some());
        let texts = here.take_untold();
        assert_eq!(texts.len(), 1);
        assert!(here.take_untold().is_empty(), "told once");
        for text in &texts {
            here.heard(text);
            there.heard(text);
        }
        assert!(ours.changed().now_or_never().is_none());
        assert!(theirs.changed().now_or_never().is_some());
    }

    #[test]
    fn no_text_is_longer_than_a_notification() {
        let wakes = Wakes::new("s");
        wakes.touch((0..1_000).map(|n| Topic(u64::MAX - n)).collect());
        let texts = wakes.take_untold();
        assert_eq!(texts.len(), 3);
        assert!(texts.iter().all(|text| text.len() < 8_000));
    }
}
