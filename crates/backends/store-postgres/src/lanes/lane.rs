//! Carrying groups out.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::Clock;
use updraft_store::{CommitVersion, StoreError};

use super::Blind;
use super::gather::{self, Group};
use crate::apply::{Batch, Statement};
use crate::commit::not_a_counter;
use crate::connect::Use;
use crate::errors::Failure;
use crate::marks::{Mark, Settled};
use crate::session::Session;
use crate::shared::{Shared, base_of};

/// So often a group runs again at once. Conflicts with other nodes pass quickly; who goes on losing pauses between.
const AT_ONCE: u32 = 3;
const PAUSE: Duration = Duration::from_millis(5);

/// One lane's work, until the queue is closed and through.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut lane = Lane { shared: Arc::clone(&shared), session: None };
    while let Some(Group { members, keys }) = shared.lanes.next().await {
        lane.carry(members).await;
        shared.lanes.landed(&keys);
    }
}

struct Lane {
    shared: Arc<Shared>,
    session: Option<Session>,
}

/// How one attempt ended.
enum Came {
    Committed(i64),
    /// Nothing was applied, and the next attempt may get through.
    Again,
    /// A member adds to what is no counter.
    NotACounter,
    Failed(StoreError),
}

impl Lane {
    async fn carry(&mut self, mut members: Vec<Blind>) {
        let mut tries = 0;
        loop {
            members = self.still_young(members);
            if members.is_empty() {
                return;
            }
            let batch = gather::batch(&members);
            match self.attempt(&batch).await {
                Came::Committed(base) => return answer(&self.shared, members, &batch, base),
                Came::Again => tries += 1,
                Came::Failed(err) => return refuse(members, err),
                Came::NotACounter if members.len() == 1 => return refuse(members, not_a_counter(&batch)),
                // One of them fails; the others needn't.
                Came::NotACounter => {
                    for member in members {
                        Box::pin(self.carry(vec![member])).await;
                    }
                    return;
                }
            }
            if tries > AT_ONCE {
                self.shared.clock.pause(PAUSE * tries.min(20)).await;
            }
        }
    }

    /// Those who are too old for an attempt are told so: see `PostgresTxn::finish`.
    fn still_young(&self, members: Vec<Blind>) -> Vec<Blind> {
        let (old, young) = members.into_iter().partition(|member| self.shared.is_too_old(member.began));
        refuse(old, StoreError::Conflict);
        young
    }

    async fn attempt(&mut self, batch: &Batch) -> Came {
        let session = match self.session.take().filter(|session| !session.is_closed()) {
            Some(session) => session,
            None => match self.shared.connector.connect(Use::Statements).await {
                Ok(session) => session,
                Err(err) => return Came::Failed(err),
            },
        };
        let mark = self.shared.marks.next();
        let statement = Statement::new(&mark, batch, self.shared.locking);
        let prepared = match session.prepared(&statement.sql).await {
            Ok(prepared) => prepared,
            // Nothing was sent; most likely a connection that died while it was idle.
            Err(Failure::Lost(_) | Failure::Conflict) => return Came::Again,
            Err(err) => return Came::Failed(err.harmless()),
        };
        let sent = session.query(&prepared, &statement.params()).await;
        match sent {
            Err(Failure::Lost(_)) => self.settle(&mark).await,
            other => {
                self.session = Some(session);
                match other {
                    Ok(rows) => base_of(&rows).map_or_else(Came::Failed, Came::Committed),
                    Err(Failure::Conflict | Failure::Lost(_)) => Came::Again,
                    Err(Failure::NotACounter) => Came::NotACounter,
                    Err(Failure::Refused(err)) => Came::Failed(err),
                }
            }
        }
    }

    async fn settle(&self, mark: &Mark) -> Came {
        match self.shared.settle(mark).await {
            Settled::Applied(base) => Came::Committed(base),
            Settled::Never => Came::Again,
            Settled::Unknown(err) => Came::Failed(StoreError::unknown(err)),
        }
    }
}

/// Each member has a version of its own, in the order of the group.
fn answer(shared: &Shared, members: Vec<Blind>, batch: &Batch, base: i64) {
    let mut touches = Vec::new();
    let mut answers = Vec::new();
    for (version, member) in (base..).zip(members) {
        touches.extend(member.touches);
        answers.push((member.answer, CommitVersion(version.cast_unsigned())));
    }
    shared.committed(batch, base, touches);
    for (answer, version) in answers {
        // A caller that has gone away doesn't want to know.
        drop(answer.send(Ok(version)));
    }
}

/// The same to all of them.
fn refuse(members: Vec<Blind>, err: StoreError) {
    let err = Arc::new(err);
    for member in members {
        drop(member.answer.send(Err(copied(&err))));
    }
}

/// Errors can't be cloned; each gets one of the same kind, with the first as its cause.
fn copied(err: &Arc<StoreError>) -> StoreError {
    match &**err {
        StoreError::Conflict => StoreError::Conflict,
        StoreError::Unavailable(_) => StoreError::unavailable(Arc::clone(err)),
        StoreError::Unknown(_) => StoreError::unknown(Arc::clone(err)),
        StoreError::Full(_) => StoreError::Full(Arc::clone(err).into()),
        StoreError::Corrupt { key, why } => StoreError::Corrupt { key: key.clone(), why: why.clone() },
        _ => StoreError::engine(Arc::clone(err)),
    }
}
