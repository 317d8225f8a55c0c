//! Records of CSV, as the bytes come.

use std::sync::Arc;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

use crate::record::Record;
use crate::wrong::{self, Wrong};

/// AWS: in bytes.
const LONGEST: usize = 1 << 20;

/// What the first line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// A record like the others.
    #[default]
    None,
    /// Names, by which fields are asked for.
    Use,
    /// Nothing.
    Ignore,
}

/// How records are written; `None`: as most are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvInput {
    pub header: Header,
    pub comments: Option<String>,
    pub escape: Option<String>,
    pub record: Option<String>,
    pub field: Option<String>,
    pub quote: Option<String>,
}

/// Reads them.
#[derive(Debug)]
pub(crate) struct Csv {
    reader: Reader,
    header: Header,
    /// What records begin with that are none: the parser's own end with a line, whatever records end with.
    comments: Option<String>,
    names: Option<Arc<Vec<String>>>,
    /// The first line is still to come.
    first: bool,
    text: Vec<u8>,
    length: usize,
    ends: Vec<usize>,
    fields: usize,
    /// Where the record began that is being read.
    start: u64,
    read: u64,
}

impl Csv {
    /// # Errors
    /// If something is longer than a byte.
    pub(crate) fn new(input: &CsvInput) -> Result<Self, Wrong> {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(byte(input.field.as_deref())?.unwrap_or(b','));
        builder.terminator(match input.record.as_deref() {
            Some("\r\n") => Terminator::CRLF,
            other => Terminator::Any(byte(other)?.unwrap_or(b'\n')),
        });
        match input.quote.as_deref() {
            Some("") => builder.quoting(false),
            other => builder.quote(byte(other)?.unwrap_or(b'"')),
        };
        let quote = byte(input.quote.as_deref().filter(|text| !text.is_empty()))?.unwrap_or(b'"');
        let escape = byte(input.escape.as_deref().filter(|text| !text.is_empty()))?;
        builder.escape(escape.filter(|escape| *escape != quote));
        Ok(Self {
            reader: builder.build(),
            header: input.header,
            comments: input.comments.clone().filter(|text| !text.is_empty()),
            names: None,
            first: true,
            text: vec![0; 4096],
            length: 0,
            ends: vec![0; 64],
            fields: 0,
            start: 0,
            read: 0,
        })
    }

    /// The next record that ends within the input, where it began, and what of the input is left. No input is the end of
    /// all.
    ///
    /// # Errors
    /// If a record is too long, or no text.
    pub(crate) fn next(&mut self, mut input: &[u8]) -> Result<Option<(u64, Record, usize)>, Wrong> {
        let all = input.len();
        loop {
            let (text, ends) = (self.text.get_mut(self.length..), self.ends.get_mut(self.fields..));
            let (Some(text), Some(ends)) = (text, ends) else { return Err(wrong::CSV) };
            let (result, taken, written, ended) = self.reader.read_record(input, text, ends);
            input = input.get(taken..).unwrap_or_default();
            self.read += taken as u64;
            self.length += written;
            self.fields += ended;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull if self.text.len() >= LONGEST => return Err(wrong::RECORD_SIZE),
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    let fields = self.taken()?;
                    let start = std::mem::replace(&mut self.start, self.read);
                    if let Some(record) = self.told(fields) {
                        return Ok(Some((start, record, all - input.len())));
                    }
                }
            }
        }
    }

    fn taken(&mut self) -> Result<Vec<String>, Wrong> {
        let mut fields = Vec::with_capacity(self.fields);
        let mut from = 0;
        for end in self.ends.iter().take(self.fields) {
            let bytes = self.text.get(from..*end).unwrap_or_default();
            fields.push(std::str::from_utf8(bytes).map_err(|_| wrong::ENCODING)?.to_owned());
            from = *end;
        }
        (self.length, self.fields) = (0, 0);
        Ok(fields)
    }

    /// `None`: it was the header, or a comment.
    fn told(&mut self, fields: Vec<String>) -> Option<Record> {
        let begins = |comment: &String| fields.first().is_some_and(|first| first.starts_with(comment.as_str()));
        if self.comments.as_ref().is_some_and(begins) {
            return None;
        }
        let first = std::mem::replace(&mut self.first, false);
        match self.header {
            Header::Use if first => self.names = Some(Arc::new(fields)),
            Header::Ignore if first => {}
            _ => return Some(Record::Fields { fields, names: self.names.clone() }),
        }
        None
    }
}

fn byte(text: Option<&str>) -> Result<Option<u8>, Wrong> {
    match text.map(str::as_bytes) {
        None => Ok(None),
        Some([byte]) => Ok(Some(*byte)),
        Some(_) => Err(wrong::CSV),
    }
}
