//! One attempt at an asynchronous call, and what follows from it.

use std::sync::Arc;
use std::time::Duration;

use updraft_delivery::{Attempt, Delivery, Verdict};
use updraft_kernel::ports::{Invocation, RunOutcome, RunnerRefusal};
use updraft_kernel::{AwsError, RngExt};
use updraft_store::StoreExt;

use super::AsyncCall;
use super::outgoing::{Outgoing, Purpose, letter};
use crate::Lambda;
use crate::call::{LOOPS, decoded_context, error_name};
use crate::keys::EventSettingsKey;
use crate::measure::{Subject, count, millis};
use crate::model::events::{self, Condition, Event, EventSettings, Next, Went, pause_without_room};
use crate::model::name::LATEST;
use crate::model::record::{Record, Response, attributes, detail_type, object_key};
use crate::model::trace::passed_on;
use crate::prepared::Prepared;

/// What an attempt goes by. It is read anew for each, so that what is changed meanwhile holds for what waits, too.
#[derive(Debug)]
struct Terms {
    settings: EventSettings,
    prepared: Arc<Prepared>,
    /// As the function gets it.
    trace: Option<String>,
    /// The event came by the function so often that it isn't carried out.
    in_a_loop: bool,
}

/// How an event ended.
#[derive(Debug)]
struct End<'a> {
    condition: Condition,
    /// How often the function was called.
    invoked: u32,
    /// Of the last call, if that was one.
    outcome: Option<&'a RunOutcome>,
}

impl Lambda {
    pub(super) async fn attend(&self, call: &AsyncCall, attempt: Attempt) -> Verdict {
        match self.terms(call).await {
            Ok(terms) => self.try_once(call, &terms, attempt).await.unwrap_or_else(|error| hopeless(&error)),
            // AWS: nobody hears of events whose function has gone.
            Err(error) if error.code().status == 404 => hopeless(&error),
            Err(error) => Verdict::Busy { reason: error.to_string(), after: pause_without_room(attempt.busy) },
        }
    }

    async fn terms(&self, call: &AsyncCall) -> Result<Terms, AwsError> {
        let (target, mut tx) = (call.target(), self.store.read().await?);
        let prepared = self.prepare(&mut tx, &target).await?;
        let qualifier = target.qualifier.as_deref().unwrap_or(LATEST);
        let settings = tx.row(&EventSettingsKey(&target.id, qualifier)).await?.unwrap_or_default();
        let passed = call.trace.as_deref().map(|trace| passed_on(trace, &prepared.mark));
        let before = passed.as_ref().map_or(0, |passed| passed.before);
        let in_a_loop = self.is_loop(&mut tx, &target.id, before).await?;
        Ok(Terms { settings, prepared, trace: passed.map(|passed| passed.header), in_a_loop })
    }

    async fn try_once(&self, call: &AsyncCall, terms: &Terms, attempt: Attempt) -> Result<Verdict, AwsError> {
        let Terms { settings, prepared, .. } = terms;
        let event = Event { enqueued: attempt.enqueued, attempt: attempt.number, busy: attempt.busy };
        let now = self.clock.now();
        let before = attempt.number.saturating_sub(1);
        if let Some(condition) = events::before(settings, event, prepared.reserved, now) {
            return Ok(self.settled(call, terms, End { condition, invoked: before, outcome: None }));
        }
        let subject = Subject::of(&prepared.spec, call.qualifier.as_deref(), now);
        if terms.in_a_loop {
            subject.tell(&*self.metrics, vec![count(LOOPS, 1.0)]);
            let condition = Condition::RecursiveInvocation;
            return Ok(self.settled(call, terms, End { condition, invoked: before, outcome: None }));
        }
        subject.tell(&*self.metrics, vec![millis("AsyncEventAge", now.since(attempt.enqueued))]);
        let ran = self.start(prepared, invocation(call, terms)?).await;
        self.measured(subject, &ran);
        let (went, invoked) = match &ran {
            Ok(RunOutcome { error: None, .. }) => (Went::Well, attempt.number),
            Ok(_) => (Went::Wrong, attempt.number),
            Err(_) => (Went::Nowhere, before),
        };
        Ok(match events::after(settings, event, went, self.clock.now()) {
            Next::Settle(condition) => {
                self.settled(call, terms, End { condition, invoked, outcome: ran.as_ref().ok() })
            }
            Next::Retry(pause) => Verdict::Retry { reason: reason(&ran), after: Some(pause) },
            Next::Wait(pause) => Verdict::Busy { reason: reason(&ran), after: self.scattered(pause, event.busy) },
        })
    }

    /// Somewhere in the second half of a pause: events that found no room together would come back together, and find none
    /// again. What is to end at an event's last moment isn't shortened.
    fn scattered(&self, pause: Duration, busy: u32) -> Duration {
        if pause < pause_without_room(busy) {
            return pause;
        }
        let half = pause / 2;
        half + Duration::from_millis(
            self.rng.below(u64::try_from(half.as_millis()).unwrap_or(u64::MAX).saturating_add(1)),
        )
    }

    /// Sends what is to be heard of its end.
    fn settled(&self, call: &AsyncCall, terms: &Terms, end: End<'_>) -> Verdict {
        let Terms { settings, prepared, .. } = terms;
        let response = end.outcome.map(|outcome| Response {
            payload: &outcome.payload,
            error: outcome.error.map(error_name),
            executed_version: &prepared.spec.version,
        });
        let succeeded = end.condition == Condition::Success;
        let destination = if succeeded { &settings.on_success } else { &settings.on_failure };
        let mut follow = Vec::new();
        if let Some(target) = destination {
            let body = self.record(call, &end, response);
            follow.push(Outgoing { body, ..self.outgoing(call, terms, (Purpose::Destination, target), &end) });
        }
        if !succeeded {
            let subject = Subject::of(&prepared.spec, call.qualifier.as_deref(), self.clock.now());
            subject.tell(&*self.metrics, vec![count("AsyncEventsDropped", 1.0)]);
            follow.extend(prepared.dead_letter.as_ref().map(|target| Outgoing {
                body: call.payload.clone(),
                attributes: attributes(&call.request_id, end.condition, response),
                ..self.outgoing(call, terms, (Purpose::DeadLetter, target), &end)
            }));
        }
        let letters: Result<Vec<Delivery>, _> = follow.iter().map(|one| letter(&call.request_id, one)).collect();
        match letters {
            Ok(letters) if !letters.is_empty() => Verdict::Then(letters),
            Ok(_) if succeeded => Verdict::Done,
            // Nobody is to hear of it but whoever reads the platform's log.
            Ok(_) => Verdict::Fail(end.condition.as_str().to_owned()),
            Err(error) => hopeless(&error),
        }
    }

    fn record(&self, call: &AsyncCall, end: &End<'_>, response: Option<Response<'_>>) -> Vec<u8> {
        let target = call.target();
        let qualifier = target.qualifier.as_deref().unwrap_or(LATEST);
        let record = Record {
            at: self.clock.now(),
            request_id: &call.request_id,
            function: &target.id.arn_of(Some(qualifier)).to_string(),
            condition: end.condition,
            invoked: end.invoked,
            request: &call.payload,
            response,
        };
        record.json()
    }

    /// Without a body.
    fn outgoing(&self, call: &AsyncCall, terms: &Terms, (purpose, target): (Purpose, &str), end: &End<'_>) -> Outgoing {
        let (id, at) = (self.rng.uuid(), self.clock.now());
        Outgoing {
            purpose,
            target: target.to_owned(),
            account: call.account.clone(),
            region: call.region.clone(),
            function: call.name.clone(),
            qualifier: call.qualifier.clone(),
            executed_version: terms.prepared.spec.version.clone(),
            detail_type: detail_type(end.condition),
            object_key: object_key(&call.name, at, &id),
            id,
            at,
            body: Vec::new(),
            attributes: Vec::new(),
            trace: terms.trace.clone(),
        }
    }
}

/// Every attempt has the request id that the caller was given.
fn invocation(call: &AsyncCall, terms: &Terms) -> Result<Invocation, AwsError> {
    Ok(Invocation {
        request_id: call.request_id.clone(),
        invoked_arn: terms.prepared.invoked_arn(call.qualifier.as_deref()),
        payload: call.payload.clone().into(),
        client_context: decoded_context(call.client_context.as_deref())?,
        trace_header: terms.trace.clone(),
        tail: false,
    })
}

fn hopeless(error: &AwsError) -> Verdict {
    Verdict::Fail(error.to_string())
}

fn reason(ran: &Result<RunOutcome, RunnerRefusal>) -> String {
    match ran {
        Ok(_) => "the function failed".to_owned(),
        Err(refusal) => refusal.to_string(),
    }
}
