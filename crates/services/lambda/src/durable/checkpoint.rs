//! Checkpoints: what a function tells of its execution, and what it is told.

use updraft_api_lambda::types::{Operation, OperationUpdate};
use updraft_kernel::AwsError;
use updraft_store::Tx;

use super::arn::ExecutionId;
use super::keys::{CheckpointKey, UpdatedKey, number_of};
use super::lookup::invalid_token;
use super::paging::marker;
use super::pause::SAME_REQUEST;
use super::rows::{CheckpointRow, Phase, Status, UpdatedRow};
use super::work::Work;
use super::{token, view};
use crate::{Lambda, table};

/// Bytes of payloads in an answer; what is left is asked for page by page.
const ANSWER_BYTES: u64 = 5 << 20;

/// A checkpoint as it was asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) token: String,
    pub(crate) client_token: Option<String>,
}

/// What it is answered.
#[derive(Debug)]
pub(crate) struct Told {
    /// `None`: this invocation may make no further checkpoint.
    pub(crate) token: Option<String>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) next: Option<String>,
}

impl<'t> Work<'t> {
    /// The execution that a token is shown for.
    ///
    /// # Errors
    /// If there is none: AWS knows no other word for it here.
    pub(crate) async fn of_token(
        svc: &'t Lambda,
        tx: &'t mut Tx,
        id: ExecutionId,
        arn: &str,
    ) -> Result<Self, AwsError> {
        let work = Self::load(svc, tx, id).await?;
        work.filter(|work| work.arn() == arn).ok_or_else(invalid_token)
    }

    /// # Errors
    /// If it isn't the token that counts now.
    pub(crate) fn check_token(&self, token: &str) -> Result<(), AwsError> {
        if self.row.status.is_open() && token::is_current(token, &self.id.id, &self.row.turn) {
            return Ok(());
        }
        Err(invalid_token())
    }

    /// What the very same request was answered before. Nothing is changed by it.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn told_before(&mut self, asked: &Asked) -> Result<Option<Told>, AwsError> {
        let Some(client_token) = &asked.client_token else { return Ok(None) };
        let Some(last) = self.tx.row(&CheckpointKey(&self.id)).await? else { return Ok(None) };
        let same = last.client_token == *client_token && last.token == asked.token;
        if !same || self.now.since(last.at) >= SAME_REQUEST {
            return Ok(None);
        }
        self.tell(last.next_token, &last.operations).await.map(Some)
    }

    /// Applies the updates, and tells what else has changed.
    ///
    /// # Errors
    /// In AWS's words, for what may not be said; nothing must be committed then.
    pub(crate) async fn checkpoint(&mut self, asked: Asked, updates: Vec<OperationUpdate>) -> Result<Told, AwsError> {
        self.check_token(&asked.token)?;
        let mut changed = self.apply(updates).await?;
        self.row.turn.checkpoints += 1;
        if self.row.status == Status::Pausing {
            self.close_turn();
            self.pause_now(true).await?;
            return self.tell(None, &[]).await;
        }
        if !self.row.status.is_open() {
            self.close_turn();
            return self.tell(None, &changed).await;
        }
        changed.extend(self.news().await?);
        changed.sort_unstable();
        changed.dedup();
        let next_token = Some(token::checkpoint(&self.id.id, &self.row.turn));
        self.remember(asked, next_token.clone(), changed.clone())?;
        self.tell(next_token, &changed).await
    }

    fn close_turn(&mut self) {
        if let Phase::Running { closed, .. } = &mut self.row.turn.phase {
            *closed = true;
        }
    }

    /// What was changed from outside and this invocation hasn't been told.
    async fn news(&mut self) -> Result<Vec<u64>, AwsError> {
        let mut news = Vec::new();
        for (key, row) in table::all::<UpdatedKey<'_>>(self.tx, UpdatedKey::all(&self.id)).await? {
            if !row.told {
                let number = number_of(&key)?;
                self.tx.put_row(&UpdatedKey(&self.id, number), &UpdatedRow { told: true })?;
                news.push(number);
            }
        }
        Ok(news)
    }

    fn remember(&mut self, asked: Asked, next_token: Option<String>, operations: Vec<u64>) -> Result<(), AwsError> {
        let Some(client_token) = asked.client_token else { return Ok(()) };
        let row = CheckpointRow { at: self.now, client_token, token: asked.token, next_token, operations };
        Ok(self.tx.put_row(&CheckpointKey(&self.id), &row)?)
    }

    async fn tell(&mut self, token: Option<String>, numbers: &[u64]) -> Result<Told, AwsError> {
        let (mut operations, mut bytes) = (Vec::new(), 0);
        for number in numbers {
            let Some(row) = self.operation(*number).await? else { continue };
            let shown = view::operation(self.tx, &self.id, *number, &row).await?;
            bytes += row.size();
            if bytes > ANSWER_BYTES && !operations.is_empty() {
                // What comes from here on holds the rest, and more, which does no harm.
                let next = Some(marker(self.now, *number));
                return Ok(Told { token, operations, next });
            }
            operations.push(shown);
        }
        Ok(Told { token, operations, next: None })
    }
}
