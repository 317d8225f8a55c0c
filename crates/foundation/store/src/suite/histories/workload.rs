//! One attempt at a random transaction, written down as it goes.

use bytes::Bytes;
use updraft_kernel::{Rng, RngExt};

use super::keys::{self, Place};
use super::record::{Elem, Event};
use super::run::Book;
use crate::range::next_key;
use crate::seam::{KeyRange, Page, Result, ScanOptions, Txn};

/// Few lists that are written all the time, so that transactions meet.
pub(super) const FIXED: u64 = 6;

pub(super) struct Attempt<'a> {
    pub(super) place: Place,
    pub(super) book: &'a Book,
    pub(super) rng: &'a dyn Rng,
    pub(super) txn: Box<dyn Txn>,
    pub(super) events: Vec<Event>,
}

impl Attempt<'_> {
    /// Reads, and writes if it may.
    pub(super) async fn steps(&mut self, writes: bool) -> Result<()> {
        for _ in 0..=self.rng.below(3) {
            match self.rng.below(if writes { 10 } else { 4 }) {
                0 => drop(self.list(self.fixed()).await?),
                1 => self.several().await?,
                2 => drop(self.scan().await?),
                3 => self.read_a_set().await?,
                4 | 5 => self.append(self.fixed()).await?,
                6 => self.insert(),
                7 => self.change_what_a_scan_finds().await?,
                8 => self.add(),
                _ => self.append_to_log(),
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Everything there is, once all is over.
    pub(super) async fn everything(&mut self) -> Result<()> {
        for nth in 0..FIXED {
            self.list(self.place.fixed(nth)).await?;
        }
        self.scan_range(self.place.rows(), ScanOptions::limit(usize::MAX)).await?;
        self.read_log().await?;
        for nth in 0..=keys::counter_of(self.book.additions()) {
            self.read_counter(nth).await?;
        }
        Ok(())
    }

    fn fixed(&self) -> Bytes {
        self.place.fixed(self.rng.below(FIXED))
    }

    async fn list(&mut self, key: Bytes) -> Result<Vec<Elem>> {
        let value = self.txn.get(&key).await?;
        let list = value.as_ref().map(keys::decode).unwrap_or_default();
        self.events.push(Event::Got { key, list: list.clone() });
        Ok(list)
    }

    async fn several(&mut self) -> Result<()> {
        let asked: Vec<_> = (0..3).map(|_| self.fixed()).collect();
        let values = self.txn.get_many(&asked).await?;
        for (key, value) in asked.into_iter().zip(values) {
            let list = value.as_ref().map(keys::decode).unwrap_or_default();
            self.events.push(Event::Got { key, list });
        }
        Ok(())
    }

    /// What was found, and the part of the range that this tells of.
    async fn scan(&mut self) -> Result<(Page, KeyRange)> {
        let whole = self.place.rows();
        let (from, to) = (self.rng.u64(), self.rng.u64());
        let limit = if self.rng.below(2) == 0 { 1 + self.rng.below(4) } else { 1_000 };
        let options = ScanOptions::limit(usize::try_from(limit).unwrap_or(1));
        match self.rng.below(4) {
            0 => self.scan_range(whole, options.from_head()).await,
            1 => self.scan_range(whole, options.reversed()).await,
            2 => self.scan_range(whole.before(self.place.row(to)), options.from_head()).await,
            _ => {
                let range = KeyRange::new(self.place.row(from.min(to)), self.place.row(from.max(to)));
                self.scan_range(range, options).await
            }
        }
    }

    async fn scan_range(&mut self, range: KeyRange, options: ScanOptions) -> Result<(Page, KeyRange)> {
        let page = self.txn.scan(range.clone(), options).await?;
        let range = match page.rows.last() {
            Some((last, _)) if page.more && options.reverse => range.from(last.clone()),
            Some((last, _)) if page.more => range.before(next_key(last)),
            _ => range,
        };
        let rows = page.rows.iter().map(|(key, value)| (key.clone(), keys::decode(value))).collect();
        self.events.push(Event::Scanned { range: range.clone(), rows });
        Ok((page, range))
    }

    async fn read_a_set(&mut self) -> Result<()> {
        if self.rng.below(2) == 0 {
            return self.read_log().await;
        }
        let last = keys::counter_of(self.book.additions());
        self.read_counter(last.saturating_sub(self.rng.below(2))).await
    }

    async fn read_counter(&mut self, nth: u64) -> Result<()> {
        let set = self.place.counter(nth);
        let sum = self.txn.get(&set).await?.map_or(0, |v| i64::from_le_bytes(v[..].try_into().unwrap()));
        let own = self.own(&set);
        let members = keys::members_of(nth, sum).into_iter().filter(|elem| !own.contains(elem)).collect();
        self.events.push(Event::Members { set, members });
        Ok(())
    }

    async fn read_log(&mut self) -> Result<()> {
        let page = self.txn.scan(self.place.log_range(), ScanOptions::limit(usize::MAX).max_bytes(usize::MAX)).await?;
        let places: Vec<_> = page.rows.iter().map(|(key, _)| self.place.entry(key).unwrap()).collect();
        let members = places.iter().map(|(_, elem)| *elem).collect();
        self.events.push(Event::Members { set: self.place.log(), members });
        self.events.push(Event::Places { set: self.place.log(), places });
        Ok(())
    }

    fn own(&self, of: &Bytes) -> Vec<Elem> {
        let own = self.events.iter().filter_map(|event| match event {
            Event::Added { set, elem } if set == of => Some(*elem),
            _ => None,
        });
        own.collect()
    }

    /// Now and then twice, so that there is something in between to be seen.
    async fn append(&mut self, key: Bytes) -> Result<()> {
        for _ in 0..=u64::from(self.rng.below(4) == 0) {
            let mut list = self.list(key.clone()).await?;
            list.push(self.book.element());
            self.put(key.clone(), list);
        }
        Ok(())
    }

    fn put(&mut self, key: Bytes, list: Vec<Elem>) {
        self.txn.put(key.clone(), keys::encode(&list));
        self.events.push(Event::Put { key, list });
    }

    /// A new row, anywhere among the others.
    fn insert(&mut self) {
        self.put(self.place.row(self.rng.u64()), vec![self.book.element()]);
    }

    async fn change_what_a_scan_finds(&mut self) -> Result<()> {
        let (page, range) = self.scan().await?;
        let nth = usize::try_from(self.rng.below(1_000)).unwrap_or(0) % page.rows.len().max(1);
        let Some((key, value)) = page.rows.get(nth).cloned() else { return Ok(()) };
        match self.rng.below(3) {
            0 => {
                let mut list = keys::decode(&value);
                list.push(self.book.element());
                self.put(key, list);
            }
            1 => {
                self.txn.delete(key.clone());
                self.events.push(Event::Deleted { key });
            }
            _ if page.rows.len() <= 4 => {
                self.txn.delete_range(range);
                self.events.extend(page.rows.into_iter().map(|(key, _)| Event::Deleted { key }));
            }
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self) {
        let addition = self.book.addition();
        let set = self.place.counter(keys::counter_of(addition));
        self.txn.add_i64(set.clone(), keys::delta_of(addition));
        self.events.push(Event::Added { set, elem: keys::elem_of(addition) });
    }

    fn append_to_log(&mut self) {
        let elem = self.book.element();
        self.txn.put_versioned(self.place.log(), elem.to_be_bytes().to_vec().into(), Bytes::new());
        self.events.push(Event::Added { set: self.place.log(), elem });
    }
}
