//! A query under way.

use serde_json::Value as Json;

use crate::aggregate::Total;
use crate::csv::{Csv, CsvInput};
use crate::dates::Time;
use crate::eval::Scope;
use crate::expr::Step;
use crate::json::{Documents, JsonInput};
use crate::output::Output;
use crate::query::{Columns, From, Query};
use crate::record::Record;
use crate::unpack::{Packing, Unpack};
use crate::value::Value;
use crate::wrong::Wrong;

/// What the bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Csv(CsvInput),
    Json(JsonInput),
}

#[derive(Debug)]
enum Reader {
    Csv(Box<Csv>),
    Json(Documents),
}

#[derive(Debug)]
pub struct Scan {
    query: Query,
    reader: Reader,
    unpack: Unpack,
    output: Output,
    totals: Vec<Total>,
    now: Time,
    /// Where records must begin, the last byte included.
    range: Option<(u64, u64)>,
    found: u64,
    done: bool,
    waiting: Vec<u8>,
    scanned: u64,
    processed: u64,
    returned: u64,
}

impl Scan {
    /// `now` in milliseconds of Unix time, for those who ask for it.
    ///
    /// # Errors
    /// If the input is described by what it can't be.
    pub fn new(query: Query, (input, packing): (&Input, Packing), output: Output, now: i64) -> Result<Self, Wrong> {
        let reader = match input {
            Input::Csv(csv) => Reader::Csv(Box::new(Csv::new(csv)?)),
            Input::Json(json) => Reader::Json(Documents::new(*json)),
        };
        let totals = query.totals.iter().map(|one| Total::new(one.kind)).collect();
        Ok(Self {
            done: query.limit == Some(0),
            query,
            reader,
            unpack: Unpack::new(packing),
            output,
            totals,
            now: Time::of_unix(now),
            range: None,
            found: 0,
            waiting: Vec::new(),
            scanned: 0,
            processed: 0,
            returned: 0,
        })
    }

    /// Only records that begin there count.
    #[must_use]
    pub fn within(self, first: u64, last: u64) -> Self {
        Self { range: Some((first, last)), ..self }
    }

    /// Takes bytes of the object; no more than [`Packing::portion`] at once.
    ///
    /// # Errors
    /// What is wrong with them, or with what is asked of them.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Wrong> {
        self.scanned += bytes.len() as u64;
        let plain = self.unpack.feed(bytes)?;
        self.records(&plain)
    }

    /// There are no more bytes.
    ///
    /// # Errors
    /// As [`Self::feed`].
    pub fn end(&mut self) -> Result<(), Wrong> {
        if !self.done {
            let plain = self.unpack.end()?;
            self.records(&plain)?;
            if let Some((at, record, _)) = self.next(&[])? {
                self.document(at, record)?;
            }
        }
        if !self.totals.is_empty() {
            let totals: Vec<Value> = self.totals.iter().map(Total::value).collect();
            self.answer(None, &totals)?;
        }
        self.done = true;
        Ok(())
    }

    /// Nothing that comes would matter.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// What was found since it was taken last.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        self.returned += self.waiting.len() as u64;
        std::mem::take(&mut self.waiting)
    }

    /// Bytes read, bytes they unfolded to, and bytes given out.
    #[must_use]
    pub fn counts(&self) -> [u64; 3] {
        [self.scanned, self.processed, self.returned]
    }

    fn records(&mut self, mut plain: &[u8]) -> Result<(), Wrong> {
        self.processed += plain.len() as u64;
        while !plain.is_empty() && !self.done {
            let Some((at, record, taken)) = self.next(plain)? else { break };
            self.document(at, record)?;
            plain = plain.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    fn next(&mut self, input: &[u8]) -> Result<Option<(u64, Record, usize)>, Wrong> {
        match &mut self.reader {
            Reader::Csv(csv) => csv.next(input),
            Reader::Json(documents) => {
                Ok(documents.next(input)?.map(|(at, json, taken)| (at, Record::Json(json), taken)))
            }
        }
    }

    /// The records of what begins there.
    fn document(&mut self, at: u64, record: Record) -> Result<(), Wrong> {
        if let Some((first, last)) = self.range {
            self.done |= at > last;
            if at < first || at > last {
                return Ok(());
            }
        }
        match record {
            Record::Json(json) if !self.query.from.is_empty() => {
                let path = self.query.from.clone();
                self.under(json, &path)
            }
            record => self.record(record),
        }
    }

    fn under(&mut self, json: Json, path: &[From]) -> Result<(), Wrong> {
        match (path.split_first(), json) {
            (None, json) => self.record(Record::Json(json)),
            (Some((From::Each, rest)), Json::Array(items)) => {
                items.into_iter().try_for_each(|item| self.under(item, rest))
            }
            (Some((From::Each, rest)), json) => self.under(json, rest),
            (Some((From::To(Step::Index(place)), rest)), Json::Array(mut items)) if *place < items.len() => {
                self.under(items.swap_remove(*place), rest)
            }
            (Some((From::To(Step::Name { name, exact }), rest)), Json::Object(mut object)) => {
                let loosely = object.keys().find(|key| !exact && key.eq_ignore_ascii_case(name)).cloned();
                match object.remove(name).or_else(|| object.remove(&loosely?)) {
                    Some(inner) => self.under(inner, rest),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn record(&mut self, record: Record) -> Result<(), Wrong> {
        if self.done {
            return Ok(());
        }
        let scope = Scope { record: Some(&record), totals: &[], now: self.now };
        if let Some(condition) = &self.query.condition
            && !scope.is_true(condition)?
        {
            return Ok(());
        }
        self.found += 1;
        if self.totals.is_empty() {
            self.answer(Some(record), &[])?;
            self.done = self.query.limit.is_some_and(|limit| self.found >= limit);
            return Ok(());
        }
        for (total, aggregate) in self.totals.iter_mut().zip(&self.query.totals) {
            total.add(match &aggregate.of {
                Some(of) => scope.value(of)?,
                None => Value::Bool(true),
            })?;
        }
        Ok(())
    }

    fn answer(&mut self, record: Option<Record>, totals: &[Value]) -> Result<(), Wrong> {
        match (&self.query.columns, record) {
            (Columns::All, Some(record)) => self.output.whole(record, &mut self.waiting),
            (Columns::All, None) => {}
            (Columns::These(columns), record) => {
                let scope = Scope { record: record.as_ref(), totals, now: self.now };
                let values = columns.iter().map(|column| Ok((column.name.as_str(), scope.value(&column.expr)?)));
                let values = values.collect::<Result<Vec<_>, Wrong>>()?;
                self.output.values(values.into_iter(), &mut self.waiting);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
