//! One transaction over one execution.

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use super::arn::ExecutionId;
use super::data::Data;
use super::event::Happened;
use super::keys::{EventKey, ExecutionKey, OperationKey, PendingKey, SequenceKey, StatusKey, UpdatedKey};
use super::rows::{EventRow, ExecutionRow, Of, OperationRow, PendingRow, SequenceRow, Status, SummaryRow, UpdatedRow};
use crate::Lambda;

/// An execution as it was read, and what becomes of it. Nothing is there before [`Work::save`], and then the commit.
pub(crate) struct Work<'t> {
    pub(crate) svc: &'t Lambda,
    pub(crate) tx: &'t mut Tx,
    pub(crate) id: ExecutionId,
    pub(crate) row: ExecutionRow,
    pub(crate) now: UnixMillis,
    /// Under which status lists have it.
    listed: Option<Status>,
}

impl<'t> Work<'t> {
    /// `None`: there is no such execution.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn load(svc: &'t Lambda, tx: &'t mut Tx, id: ExecutionId) -> Result<Option<Self>, AwsError> {
        let row = tx.row(&ExecutionKey(&id)).await?;
        let now = svc.clock.now();
        Ok(row.map(|row| Self { svc, tx, id, listed: Some(row.status), row, now }))
    }

    /// One that is only about to be.
    pub(crate) fn new(svc: &'t Lambda, tx: &'t mut Tx, id: ExecutionId, row: ExecutionRow) -> Self {
        let now = row.started;
        Self { svc, tx, id, row, now, listed: None }
    }

    pub(crate) fn arn(&self) -> String {
        self.id.arn(&self.row)
    }

    /// Writes down what happened.
    ///
    /// # Errors
    /// If it can't be encoded.
    pub(crate) fn record(&mut self, of: Option<&Of>, what: Happened) -> Result<(), AwsError> {
        self.row.counts.events += 1;
        let event = EventRow { at: self.now, of: of.cloned(), what };
        Ok(self.tx.put_row(&EventKey(&self.id, self.row.counts.events), &event)?)
    }

    /// Keeps a payload.
    ///
    /// # Errors
    /// If it can't be encoded.
    pub(crate) fn keep(&mut self, text: String) -> Result<Data, AwsError> {
        let counts = &mut self.row.counts;
        counts.bytes += u64::try_from(text.len()).unwrap_or(u64::MAX);
        let (data, apart) = Data::put(self.tx, &self.id, counts.apart + 1, text)?;
        counts.apart += u64::from(apart);
        Ok(data)
    }

    /// # Errors
    /// As [`Self::keep`].
    pub(crate) fn keep_some(&mut self, text: Option<String>) -> Result<Option<Data>, AwsError> {
        text.map(|text| self.keep(text)).transpose()
    }

    /// # Errors
    /// If the store fails.
    pub(crate) async fn operation(&mut self, number: u64) -> Result<Option<OperationRow>, AwsError> {
        Ok(self.tx.row(&OperationKey(&self.id, number)).await?)
    }

    /// # Errors
    /// If it can't be encoded.
    pub(crate) fn put(&mut self, number: u64, operation: &OperationRow) -> Result<(), AwsError> {
        Ok(self.tx.put_row(&OperationKey(&self.id, number), operation)?)
    }

    /// A new operation's number.
    ///
    /// # Errors
    /// If it can't be encoded.
    pub(crate) fn add(&mut self, operation: &OperationRow) -> Result<u64, AwsError> {
        self.row.counts.operations += 1;
        let number = self.row.counts.operations;
        self.tx.put_row(&SequenceKey(&self.id, &operation.of.id), &SequenceRow(number))?;
        self.put(number, operation)?;
        Ok(number)
    }

    /// The operation waits for something outside of the function.
    ///
    /// # Errors
    /// If it can't be encoded.
    pub(crate) fn expect(&mut self, number: u64) -> Result<(), AwsError> {
        self.row.counts.pending += 1;
        Ok(self.tx.put_row(&PendingKey(&self.id, number), &PendingRow)?)
    }

    /// It waits no longer.
    pub(crate) fn expect_no_more(&mut self, number: u64) {
        self.row.counts.pending = self.row.counts.pending.saturating_sub(1);
        self.tx.delete_row(&PendingKey(&self.id, number));
    }

    /// Something outside of the function changed the operation, which the function is to be told.
    ///
    /// # Errors
    /// If it can't be encoded.
    pub(crate) fn updated(&mut self, number: u64) -> Result<(), AwsError> {
        Ok(self.tx.put_row(&UpdatedKey(&self.id, number), &UpdatedRow { told: false })?)
    }

    /// Writes the execution, and where lists find it.
    ///
    /// # Errors
    /// If it can't be encoded.
    pub(crate) fn save(self) -> Result<(), AwsError> {
        let Self { tx, id, row, listed, .. } = self;
        let function = id.function(&row.function);
        let key = |status| StatusKey { function: &function, status, started: row.started, id: &id.id };
        if let Some(before) = listed.filter(|before| *before != row.status) {
            tx.delete_row(&key(before));
        }
        if listed != Some(row.status) {
            let (name, version) = (row.name.clone(), row.version.clone());
            let summary = SummaryRow { name, version, ended: row.ended, kms_key: row.settings.kms_key.clone() };
            tx.put_row(&key(row.status), &summary)?;
        }
        Ok(tx.put_row(&ExecutionKey(&id), &row)?)
    }
}
