//! Rules with a schedule: each has a timer, which makes an event for its targets and the next timer.

use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, BoxFuture, Ctx, Region, RngExt, UnixMillis};
use updraft_schedule::{Expression, Style, Zone};
use updraft_store::{Row, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner};

use crate::keys::RuleKey;
use crate::model::event::Event;
use crate::model::name::{BusId, RuleId};
use crate::model::publication::{Publication, To};
use crate::model::rule::Rule;
use crate::{EventBridge, fanout};

const OWNER: &str = "events.schedule";

/// Which rule is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tick {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) bus: String,
    pub(crate) rule: String,
    /// The rule's.
    pub(crate) number: u64,
    /// Where a rate counts from.
    pub(crate) anchor: UnixMillis,
    pub(crate) endpoint: String,
}

impl Row for Tick {
    const VERSION: u8 = 1;
}

/// Knows the service weakly, for the service owns the timers that own this.
#[derive(Debug)]
struct Ticks(Weak<EventBridge>);

pub(crate) fn register(service: &Arc<EventBridge>) {
    service.parts.timers.register(OWNER, Arc::new(Ticks(Arc::downgrade(service))));
}

/// From now on, as the rule says.
///
/// # Errors
/// If the store fails.
pub(crate) async fn arm(
    svc: &EventBridge,
    cx: &Ctx,
    tx: &mut Tx,
    (id, rule): (&RuleId, &Rule),
) -> Result<(), AwsError> {
    disarm(svc, tx, id).await?;
    let BusId { account, region, name: bus } = id.bus.clone();
    let (endpoint, now) = (cx.endpoint.to_string(), cx.now());
    let tick = Tick { account, region, bus, rule: id.name.clone(), number: rule.number, anchor: now, endpoint };
    next(svc, tx, (&tick, rule), now).await
}

/// Not any more.
///
/// # Errors
/// If the store fails.
pub(crate) async fn disarm(svc: &EventBridge, tx: &mut Tx, id: &RuleId) -> Result<(), AwsError> {
    svc.parts.timers.cancel(tx, OWNER, &id.arn().to_string()).await?;
    Ok(())
}

async fn next(svc: &EventBridge, tx: &mut Tx, (tick, rule): (&Tick, &Rule), after: UnixMillis) -> Result<(), AwsError> {
    let expression = rule.schedule.as_deref().filter(|_| rule.is_enabled());
    let Some(expression) = expression.and_then(|text| Expression::parse(text, Style::Rule).ok()) else {
        return Ok(());
    };
    // AWS: rules' schedules are in UTC.
    let Some(due) = expression.next_after(after, tick.anchor, &Zone::utc()) else { return Ok(()) };
    let timer =
        Schedule { owner: OWNER, id: tick.rule_id().arn().to_string(), due, payload: encode_row(tick)?.to_vec() };
    Ok(svc.parts.timers.schedule(tx, timer).await?)
}

impl Tick {
    fn rule_id(&self) -> RuleId {
        let (account, region, name) = (self.account.clone(), self.region.clone(), self.bus.clone());
        BusId { account, region, name }.rule(&self.rule)
    }

    fn event(&self, svc: &EventBridge, due: UnixMillis) -> Event {
        Event {
            id: svc.parts.rng.uuid(),
            detail_type: "Scheduled Event".to_owned(),
            source: "aws.events".to_owned(),
            account: self.account.clone(),
            region: self.region.clone(),
            time: due,
            resources: vec![self.rule_id().arn().to_string()],
            detail: "{}".to_owned(),
            ingested: svc.parts.clock.now(),
            trace: None,
            replay: None,
        }
    }

    async fn fire(&self, svc: &EventBridge, tx: &mut Tx, due: UnixMillis) -> Result<(), AwsError> {
        let id = self.rule_id();
        let Some(rule) = tx.row(&RuleKey(&id)).await?.filter(|rule| rule.number == self.number) else {
            return Ok(());
        };
        let to = To::Scheduled(self.rule.clone());
        let event = self.event(svc, due);
        let publication = Publication { to, ..Publication::of(&id.bus, &self.endpoint, vec![event]) };
        svc.parts.outbox.enqueue(tx, fanout::delivery(&publication)?).await?;
        next(svc, tx, (self, &rule), due).await
    }
}

impl TimerOwner for Ticks {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, _: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let tick: Tick = decode_row(timer.id.as_bytes(), &timer.payload)?;
            let service = self.0.upgrade().ok_or_else(|| FireError::Other("the platform is stopping".to_owned()))?;
            Ok(tick.fire(&service, tx, timer.due).await?)
        })
    }
}
