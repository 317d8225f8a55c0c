//! `PutEvents`: what is taken is durable once this answers, and goes to whoever wants it.

use updraft_api_events::types::{PutEventsInput, PutEventsOutput, PutEventsResultEntry};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::validation;
use crate::model::entry::{self, MOST_BYTES, Refused};
use crate::model::event::Event;
use crate::model::name::BusId;
use crate::model::publication::Publication;
use crate::{EventBridge, access, fanout, measure};

pub(crate) async fn put_events(
    svc: &EventBridge,
    cx: &Ctx,
    input: PutEventsInput,
) -> Result<PutEventsOutput, AwsError> {
    let size: usize = input.entries.iter().map(entry::size).sum();
    if size > MOST_BYTES {
        return Err(validation("Total size of the entries in the request is over the limit."));
    }
    let (mut results, mut by_bus) = (Vec::with_capacity(input.entries.len()), Vec::<(BusId, Vec<Event>)>::new());
    for entry in input.entries {
        let bus = BusId::given(cx, entry.event_bus_name.as_deref());
        let event = entry::event(cx, entry);
        results.push(shown(event.as_ref()));
        if let Ok(event) = event {
            match by_bus.iter_mut().find(|(there, _)| *there == bus) {
                Some((_, events)) => events.push(event),
                None => by_bus.push((bus, vec![event])),
            }
        }
    }
    if !by_bus.is_empty() {
        let mut tx = svc.parts.store.write().await?;
        for (bus, events) in by_bus {
            access::check_put(&mut tx, cx, &bus).await?;
            let delivery = fanout::delivery(&Publication::of(&bus, &cx.endpoint, events))?;
            svc.parts.outbox.enqueue(&mut tx, delivery).await?;
        }
        tx.commit().await?;
    }
    let failed = results.iter().filter(|result| result.error_code.is_some()).count();
    measure::put(svc, cx, (results.len(), failed, size));
    Ok(PutEventsOutput { failed_entry_count: i32::try_from(failed).ok(), entries: Some(results) })
}

fn shown(event: Result<&Event, &Refused>) -> PutEventsResultEntry {
    match event {
        Ok(event) => PutEventsResultEntry { event_id: Some(event.id.clone()), ..PutEventsResultEntry::default() },
        Err((code, message)) => PutEventsResultEntry {
            error_code: Some((*code).to_owned()),
            error_message: Some(message.clone()),
            ..PutEventsResultEntry::default()
        },
    }
}
