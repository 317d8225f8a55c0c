//! What was given up: to the subscription's dead-letter queue, if it has one.

use updraft_delivery::{Failure, Verdict};
use updraft_kernel::AwsError;

use super::{Parcel, Sheet, behind};
use crate::measure::{self, Tally};
use crate::model::publication::Publication;
use crate::protocols::{Sent, sqs};
use crate::{Sns, logged};

impl Sns {
    pub(super) async fn bury(&self, publication: &Publication, failure: Option<&Failure>) -> Result<Verdict, AwsError> {
        let id = publication.topic_id();
        let Some((topic, name, row)) = self.whose(publication).await? else { return Ok(Verdict::Done) };
        let dead_letters = row.dead_letters();
        let enveloped = dead_letters.as_ref().filter(|_| !row.is_raw()).map(|_| row.protocol.as_str());
        let sheet = Sheet::new(self, (&id, &topic), publication, enveloped.as_slice()).await?;
        let parcel = Parcel { sheet: &sheet, id: name, row, messages: vec![0] };
        let mut tally = Tally { failed: 1, ..Tally::default() };
        if let Some(queue) = dead_letters {
            match sqs::send_to(self, &parcel, &queue).await.into_iter().next() {
                Some(Sent::Later(answer)) => return Ok(Verdict::Retry { reason: answer.reason(), after: None }),
                Some(Sent::NotYet(after)) => {
                    return Ok(Verdict::Busy { reason: "it waits for its turn".to_owned(), after });
                }
                Some(Sent::Never(answer)) => {
                    tracing::warn!(queue = %queue, reason = answer.response, "a dead letter of a topic was not taken");
                    tally.not_redriven = 1;
                }
                Some(Sent::Done(_)) | None => tally.redriven = 1,
            }
        }
        logged::given_up(self, &parcel, failure);
        behind::unmark(self, &parcel).await?;
        measure::sent(self, &id, tally);
        Ok(Verdict::Done)
    }
}
