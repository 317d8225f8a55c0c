//! A form taken apart: fields first, held as a whole and not much of them; then the file, as it comes.

use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use multer::{Field, Multipart};
use updraft_kernel::AwsError;
use updraft_wire::ByteStream;

use super::errors;
use super::policy::Sizes;
use crate::upload::Line;

/// AWS: what stands before the file, in bytes.
const MOST: usize = 20 << 10;

/// The fields by their names, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    pub(super) fn put(&mut self, name: &str, value: String) {
        self.0.insert(name.to_ascii_lowercase(), value);
    }

    /// `name` in lower case.
    #[must_use]
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

pub(super) struct Form {
    pub(super) fields: Fields,
    pub(super) file: File,
}

/// The file, not yet read.
pub(super) struct File {
    field: Field<'static>,
    /// As the client calls it.
    name: String,
}

impl Form {
    /// Reads all that stands before the file.
    ///
    /// # Errors
    /// If it is no form, too much of one, or without a file.
    pub(super) async fn read(headers: &HeaderMap, line: &Line) -> Result<Self, AwsError> {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(kind).map_err(|_| errors::no_form())?;
        let mut multipart = Multipart::new(bytes_of(line.clone()), boundary);
        let (mut fields, mut left) = (Fields::default(), MOST);
        while let Some(field) = multipart.next_field().await.map_err(|_| errors::malformed())? {
            let name = field.name().unwrap_or_default().to_owned();
            if name.eq_ignore_ascii_case("file") {
                let name = field.file_name().unwrap_or_default().to_owned();
                return Ok(Self { fields, file: File { field, name } });
            }
            let value = text(field, &mut left).await?;
            fields.put(&name, value);
        }
        Err(errors::no_file())
    }

    /// The key, with the file's name where that is asked for.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn key(&self) -> Result<String, AwsError> {
        let key = self.fields.get("key").ok_or_else(|| errors::missing("key"))?;
        // AWS: some browsers send the path that it had on the client's machine.
        let name = self.file.name.rsplit(['/', '\\']).next().unwrap_or_default();
        Ok(key.replace("${filename}", name))
    }
}

/// A field's text, of which so many bytes are left.
async fn text(mut field: Field<'static>, left: &mut usize) -> Result<String, AwsError> {
    let mut all = Vec::new();
    while let Some(bytes) = field.chunk().await.map_err(|_| errors::malformed())? {
        *left = left.checked_sub(bytes.len()).ok_or_else(|| errors::too_much(MOST))?;
        all.extend_from_slice(&bytes);
    }
    String::from_utf8(all).map_err(|_| errors::malformed())
}

fn bytes_of(line: Line) -> impl stream::Stream<Item = Result<Bytes, io::Error>> + Send + 'static {
    stream::unfold(line, |line| async move {
        let bytes = line.next().await?;
        Some((bytes.map_err(|_| io::Error::other("the connection broke")), line))
    })
}

impl File {
    /// Its bytes; fewer or more than there may be are an error.
    pub(super) fn stream(self, sizes: Option<Sizes>) -> ByteStream {
        let (least, most) = sizes.map_or((0, u64::MAX), |sizes| (sizes.least, sizes.most));
        let pieces = stream::unfold(Some((self.field, 0_u64)), move |state| async move {
            let (mut field, before) = state?;
            match field.chunk().await {
                Ok(Some(bytes)) => {
                    let size = before + bytes.len() as u64;
                    if size > most {
                        return Some((Err(errors::too_large(size, most)), None));
                    }
                    Some((Ok(bytes), Some((field, size))))
                }
                Ok(None) if before < least => Some((Err(errors::too_small(before, least)), None)),
                Ok(None) => None,
                Err(_) => Some((Err(errors::malformed()), None)),
            }
        });
        ByteStream::new(None, pieces.boxed())
    }
}
