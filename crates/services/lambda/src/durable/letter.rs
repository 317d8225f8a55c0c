//! The event of an execution that came to no good end, sent to the function's dead-letter target.

use updraft_kernel::{AwsError, RngExt};

use super::data::text_of;
use super::outcome::ErrorText;
use super::rows::{Origin, Status};
use super::work::Work;
use crate::background::{Outgoing, Purpose, letter};
use crate::model::events::Condition;
use crate::model::name::Target;
use crate::model::record::{Response, attributes};

impl Work<'_> {
    /// AWS: executions that a call as an event began have dead letters, and no destinations.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn send_dead_letter(&mut self, status: Status, error: Option<&ErrorText>) -> Result<(), AwsError> {
        if status == Status::Succeeded || self.row.origin != Origin::Event {
            return Ok(());
        }
        let function = self.id.function(&self.row.function);
        let target = Target { id: function, qualifier: Some(self.row.version.clone()) };
        let prepared = match self.svc.prepare(self.tx, &target).await {
            Ok(prepared) => prepared,
            // Nobody hears of events whose function has gone.
            Err(missing) if missing.code().status == 404 => return Ok(()),
            Err(other) => return Err(other),
        };
        let Some(queue) = prepared.dead_letter.clone() else { return Ok(()) };
        let body = text_of(self.tx, &self.id, Some(&self.row.input)).await?.unwrap_or_default().into_bytes();
        let payload = ErrorText::as_payload(&error.cloned().unwrap_or_default().into_json());
        let executed_version = &self.row.version;
        let response = Response { payload: payload.as_bytes(), error: Some("Unhandled"), executed_version };
        let outgoing = Outgoing {
            purpose: Purpose::DeadLetter,
            target: queue,
            account: self.id.account.clone(),
            region: self.id.region.clone(),
            function: self.row.function.clone(),
            qualifier: Some(self.row.qualifier.clone()),
            executed_version: executed_version.clone(),
            // For buses and buckets, which dead letters don't go to.
            detail_type: String::new(),
            object_key: String::new(),
            id: self.svc.rng.uuid(),
            at: self.now,
            body,
            attributes: attributes(&self.id.id, Condition::RetriesExhausted, Some(response)),
            trace: None,
        };
        self.svc.outbox.enqueue(self.tx, letter(&self.id.id, &outgoing)?).await?;
        Ok(())
    }
}
