//! Where a message's rows are written, read and removed: the one place that knows which rows a message has.

use bytes::Bytes;
use updraft_kernel::UnixMillis;
use updraft_store::{Result, Row, StoreError, Tx, decode_row, encode_row};

use super::fair;
use super::groups::hint_anew;
use crate::keys::messages::{Rows, suffix};
use crate::model::message::{Address, Entry, Mark, Message, Stored};
use crate::model::queue::Queue;
use crate::queue_url::QueueName;

/// What one row holds of a message that is too large for one.
const PIECE: usize = 256 * 1024;
/// The longest that a message may be, encoded, to lie in one row.
const WHOLE: usize = 384 * 1024;

/// A queue that is there, as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) name: QueueName,
    pub(crate) queue: Queue,
    pub(crate) rows: Rows,
}

impl Spot {
    pub(crate) fn new(name: QueueName, queue: Queue) -> Self {
        let rows = Rows::new(&name.account, &name.region, queue.number);
        Self { name, queue, rows }
    }

    pub(crate) fn is_fifo(&self) -> bool {
        self.queue.settings.fifo.is_some()
    }

    /// Whether a message that was sent then is to be kept no longer.
    pub(crate) fn has_expired(&self, sent: UnixMillis, now: UnixMillis) -> bool {
        now.0.saturating_sub(sent.0) >= i64::from(self.queue.settings.retention) * 1000
    }

    /// Puts a message in the queue; it isn't counted here. `minor`: of its address, unlike that of any other message that
    /// this transaction places.
    pub(crate) async fn place(&self, tx: &mut Tx, message: Message, entry: Entry, minor: u64) -> Result<()> {
        let rows = &self.rows;
        if !self.is_fifo() {
            let address = Address { major: u64::try_from(message.sent.0).unwrap_or(0), minor };
            tx.put_row(&rows.visible(entry.visible, address), &entry)?;
            if let Some(group) = &message.group {
                fair::comes(tx, self, group, (entry.visible, address)).await?;
            }
            return self.write(tx, message, Some(address.major), minor);
        }
        let group = message.group.clone().unwrap_or_default();
        tx.raw().put_versioned(rows.group_prefix(&group), suffix(minor, None), encode_row(&entry)?);
        if entry.visible > message.sent {
            tx.raw().put_versioned(rows.visible_prefix(entry.visible), suffix(minor, None), encode_row(&entry)?);
        }
        if tx.row(&rows.hinted(&group)).await?.is_none() {
            tx.put_row(&rows.hinted(&group), &Mark)?;
            tx.put_row(&rows.hint(entry.visible, &group), &Mark)?;
        }
        self.write(tx, message, None, minor)
    }

    /// `major`: `None` where the commit's version is to be it.
    fn write(&self, tx: &mut Tx, message: Message, major: Option<u64>, minor: u64) -> Result<()> {
        let mut put = |piece: Option<u8>, value: Bytes| match (major, piece) {
            (Some(major), None) => {
                let key = updraft_store::Key::encode(&self.rows.message(Address { major, minor }));
                tx.raw().put(key, value);
            }
            (Some(major), Some(n)) => tx.raw().put(self.rows.piece(Address { major, minor }, n), value),
            (None, None) => tx.raw().put_versioned(self.rows.message_prefix(), suffix(minor, None), value),
            (None, Some(_)) => tx.raw().put_versioned(self.rows.piece_prefix(), suffix(minor, piece), value),
        };
        let whole = encode_row(&Stored::Whole(Box::new(message)))?;
        if whole.len() <= WHOLE {
            put(None, whole);
            return Ok(());
        }
        let mut count = 0;
        for piece in whole.chunks(PIECE) {
            put(Some(count), whole.slice_ref(piece));
            count += 1;
        }
        put(None, encode_row(&Stored::Pieces(count))?);
        Ok(())
    }

    /// The message that `stored` was read of, put together where it lies in pieces.
    pub(crate) async fn whole(&self, tx: &mut Tx, address: Address, stored: Stored) -> Result<Message> {
        let count = match stored {
            Stored::Whole(message) => return Ok(*message),
            Stored::Pieces(count) => count,
        };
        let keys: Vec<_> = (0..count).map(|n| self.rows.piece(address, n)).collect();
        let pieces = tx.raw().get_many(&keys).await?;
        let whole = pieces.into_iter().flatten().collect::<Vec<_>>().concat();
        match decode_row(&self.rows.message_prefix(), &whole)? {
            Stored::Whole(message) => Ok(*message),
            Stored::Pieces(_) => Err(corrupt(&self.rows.message_prefix(), "pieces of pieces")),
        }
    }

    /// Removes every row of a message, and looks at where its group begins now; it isn't counted here. `true`: it was the
    /// last of its group, on a standard queue.
    pub(crate) async fn take_away(&self, tx: &mut Tx, gone: &Gone<'_>) -> Result<bool> {
        self.remove(tx, gone);
        match gone.group {
            Some(group) if self.is_fifo() => hint_anew(tx, self, group, gone.visible).await.map(|()| false),
            Some(group) => fair::leaves(tx, self, group).await,
            None => Ok(false),
        }
    }

    /// Removes every row of a message; it isn't counted here, nor is its group looked at.
    pub(crate) fn remove(&self, tx: &mut Tx, gone: &Gone<'_>) {
        let (rows, address) = (&self.rows, gone.address);
        tx.delete_row(&rows.message(address));
        tx.delete_row(&rows.state(address));
        tx.delete_row(&rows.visible(gone.visible, address));
        match gone.group {
            Some(group) if self.is_fifo() => tx.delete_row(&rows.group(group, address)),
            Some(group) => tx.delete_row(&rows.tenant(group, gone.visible, address)),
            None => {}
        }
        for n in 0..gone.pieces {
            tx.raw().delete(rows.piece(address, n));
        }
    }
}

/// A message that is to be no more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gone<'a> {
    pub(crate) address: Address,
    /// As in its [`Entry`].
    pub(crate) visible: UnixMillis,
    pub(crate) pieces: u8,
    pub(crate) group: Option<&'a str>,
}

pub(crate) fn pieces(stored: &Stored) -> u8 {
    match stored {
        Stored::Whole(_) => 0,
        Stored::Pieces(count) => *count,
    }
}

/// Of keys and values as a scan, or `get_many`, gives them.
pub(crate) fn decoded<R: Row>(key: &Bytes, value: Option<Bytes>) -> Result<Option<R>> {
    value.map(|value| decode_row(key, &value)).transpose()
}

pub(crate) fn corrupt(key: &Bytes, why: &str) -> StoreError {
    StoreError::Corrupt { key: key.to_vec(), why: why.to_owned() }
}
