//! Replays: what an archive holds of a span of time goes to its bus again, page by page, in the order of its times.

use std::time::Duration;

use updraft_api_events::types::ReplayState;
use updraft_delivery::{Delivery, Verdict};
use updraft_kernel::{Arn, AwsError};
use updraft_store::{Key, ScanOptions, StoreExt, Tx, encode_row};

use super::{REPLAY, delivery, until_done};
use crate::EventBridge;
use crate::keys::{ArchivedKey, ReplayKey, Scope};
use crate::model::archive::{Replay, Step};
use crate::model::event::Event;
use crate::model::name::{BusId, RuleId};
use crate::model::publication::{Publication, To};

/// Events, and bytes of them, that are sent at once.
const PAGE: usize = 100;
const PAGE_BYTES: usize = 1 << 20;

/// The next part of a replay, on its way.
///
/// # Errors
/// If it can't be encoded.
pub(crate) fn step(step: &Step) -> Result<Delivery, AwsError> {
    let Step { account, region, replay, after, .. } = step;
    let behind = after.as_ref().map_or("", |(_, id)| id.as_str());
    Ok(Delivery {
        id: format!("events.replay/{account}/{region}/{replay}/{behind}"),
        kind: REPLAY.to_owned(),
        target: replay.clone(),
        ordering_key: None,
        payload: encode_row(step)?.to_vec(),
        policy: until_done(Duration::from_millis(100), Duration::from_secs(30)),
        dead_letter: None,
        failure: None,
        dedup_for: None,
    })
}

impl EventBridge {
    pub(super) async fn play_again(&self, at: &Step) -> Result<Verdict, AwsError> {
        let scope = Scope { account: &at.account, region: &at.region };
        let mut tx = self.parts.store.write().await?;
        let Some(mut replay) = tx.row(&ReplayKey(scope, &at.replay)).await? else { return Ok(Verdict::Done) };
        if matches!(replay.state(), ReplayState::Cancelling | ReplayState::Cancelled) {
            return self.end(tx, (scope, at, replay), ReplayState::Cancelled).await;
        }
        let mut range = ArchivedKey::between(scope, replay.number, replay.from, replay.until);
        if let Some((time, id)) = &at.after {
            range = range.after(&ArchivedKey { scope, archive: replay.number, at: *time, id }.encode());
        }
        let options = ScanOptions::limit(PAGE).max_bytes(PAGE_BYTES);
        let page = tx.rows::<ArchivedKey<'_>>(range, options).await?;
        let events: Vec<_> = page.rows.into_iter().map(|(_, archived)| again(at, archived.0)).collect();
        let last = events.last().map(|event| (event.time, event.id.clone()));
        replay.reached = last.as_ref().map(|(time, _)| *time).or(replay.reached);
        if let Some(publication) = publication(&replay, at, events) {
            self.parts.outbox.enqueue(&mut tx, delivery(&publication)?).await?;
        }
        if !page.more {
            return self.end(tx, (scope, at, replay), ReplayState::Completed).await;
        }
        replay.state = ReplayState::Running.to_string();
        tx.put_row(&ReplayKey(scope, &at.replay), &replay)?;
        tx.commit().await?;
        Ok(Verdict::Then(vec![step(&Step { after: last, ..at.clone() })?]))
    }

    async fn end(
        &self,
        mut tx: Tx,
        (scope, at, mut replay): (Scope<'_>, &Step, Replay),
        state: ReplayState,
    ) -> Result<Verdict, AwsError> {
        replay.state = state.to_string();
        replay.ended = Some(self.parts.clock.now());
        tx.put_row(&ReplayKey(scope, &at.replay), &replay)?;
        tx.commit().await?;
        Ok(Verdict::Done)
    }
}

fn again(at: &Step, event: Event) -> Event {
    Event { replay: Some(at.replay.clone()), ..event }
}

fn publication(replay: &Replay, at: &Step, events: Vec<Event>) -> Option<Publication> {
    let bus = BusId::of_arn(&Arn::parse(&replay.destination).ok()?).filter(|_| !events.is_empty())?;
    let name = |arn: &String| RuleId::of_arn(&Arn::parse(arn).ok()?).map(|rule| rule.name);
    let to = match &replay.rules {
        Some(rules) if !rules.is_empty() => To::Some(rules.iter().filter_map(name).collect()),
        _ => To::All,
    };
    Some(Publication { to, ..Publication::of(&bus, &at.endpoint, events) })
}
