//! fjall's journal, as far as it has to be understood before fjall reads it, and beside it.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

/// In fjall's journal each batch is a start, its items, and an end with a checksum over the items.
const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
const MAGIC: [u8; 4] = *b"FJL\x03";

/// The file that is written to: journals are called by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
}

pub(crate) fn last(folder: &Path) -> io::Result<Option<Place>> {
    let mut last: Option<Place> = None;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jnl")
            && let Some(number) = path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok())
            && last.as_ref().is_none_or(|last| number > last.number)
        {
            last = Some(Place { number, path });
        }
    }
    Ok(last)
}

/// A batch that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) seqno: u64,
    /// Over its items.
    pub(crate) sum: u64,
    /// Where it ends in the file.
    pub(crate) end: u64,
}

/// The batches that a file has from `at` on, up to the first that isn't whole.
pub(crate) struct Batches<'a>(Journal<'a>);

impl<'a> Batches<'a> {
    pub(crate) fn from(mut file: &'a File, at: u64) -> io::Result<Self> {
        let len = file.metadata()?.len();
        file.seek(SeekFrom::Start(at))?;
        Ok(Self(Journal { file: BufReader::with_capacity(64 << 10, file), at, len, sum: Xxh3::new() }))
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Batch>> {
        match self.0.batch() {
            Err(err) if err.kind() == ErrorKind::UnexpectedEof => Ok(None),
            batch => batch,
        }
    }

    /// Where the last of them ends.
    pub(crate) fn end(mut self) -> io::Result<u64> {
        let mut end = self.0.at;
        while let Some(batch) = self.next()? {
            end = batch.end;
        }
        Ok(end)
    }
}

struct Journal<'a> {
    file: BufReader<&'a File>,
    at: u64,
    len: u64,
    /// Over the items of this batch so far.
    sum: Xxh3,
}

impl Journal<'_> {
    /// `None`: no whole batch is next.
    fn batch(&mut self) -> io::Result<Option<Batch>> {
        if self.bytes::<1>()? != [START] {
            return Ok(None);
        }
        let count = u32::from_le_bytes(self.bytes()?);
        let seqno = u64::from_le_bytes(self.bytes()?);
        self.sum.reset();
        for _ in 0..count {
            if !self.item()? {
                return Ok(None);
            }
        }
        let sum = self.sum.digest();
        let whole = self.bytes()? == [END] && self.bytes()? == sum.to_le_bytes() && self.bytes()? == MAGIC;
        Ok(whole.then_some(Batch { seqno, sum, end: self.at }))
    }

    /// Whether one more item follows.
    fn item(&mut self) -> io::Result<bool> {
        match self.summed()? {
            [CLEAR] => self.summed::<8>().map(|_| true),
            [ITEM] => {
                let _kind_compression_keyspace: [u8; 10] = self.summed()?;
                let key = u16::from_le_bytes(self.summed()?);
                let _value_as_given: [u8; 4] = self.summed()?;
                let value = u32::from_le_bytes(self.summed()?);
                self.sum_up(u64::from(key) + u64::from(value))
            }
            _ => Ok(false),
        }
    }

    /// Whether so many bytes follow, which a torn length needn't be true about.
    fn sum_up(&mut self, count: u64) -> io::Result<bool> {
        if count > self.len.saturating_sub(self.at) {
            return Ok(false);
        }
        let mut left = count;
        while left > 0 {
            let read = self.file.fill_buf()?;
            let part = read.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(read);
            if part.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.sum.update(part);
            let length = part.len();
            self.file.consume(length);
            left -= length as u64;
        }
        self.at += count;
        Ok(true)
    }

    fn summed<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let bytes = self.bytes()?;
        self.sum.update(&bytes);
        Ok(bytes)
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }
}
