//! Queries over an object: what a request asks for, and the answer as it is found.

mod pour;

use updraft_api_s3::types::{
    CSVInput, CSVOutput, CompressionType, FileHeaderInfo, InputSerialization, JSONInput, JSONType, OutputSerialization,
    QuoteFields, ScanRange, SelectObjectContentInput,
};
use updraft_kernel::error::code;
use updraft_kernel::{AwsError, ErrorCode, UnixMillis};
use updraft_select::{CsvInput, CsvOutput, Header, Input, JsonInput, Output, Packing, Query, Scan};

pub(crate) use self::pour::pour;

static INVALID_EXPRESSION_TYPE: ErrorCode = ErrorCode::sender("InvalidExpressionType", 400);
static INVALID_DATA_SOURCE: ErrorCode = ErrorCode::sender("InvalidDataSource", 400);
static INVALID_JSON_TYPE: ErrorCode = ErrorCode::sender("InvalidJsonType", 400);
static INVALID_COMPRESSION: ErrorCode = ErrorCode::sender("InvalidCompressionFormat", 400);
static INVALID_FILE_HEADER: ErrorCode = ErrorCode::sender("InvalidFileHeaderInfo", 400);
static INVALID_QUOTE_FIELDS: ErrorCode = ErrorCode::sender("InvalidQuoteFields", 400);
static INVALID_SCAN_RANGE: ErrorCode = ErrorCode::sender("InvalidScanRange", 400);
static MISSING_PARAMETER: ErrorCode = ErrorCode::sender("MissingRequiredParameter", 400);
static UNSUPPORTED_SCAN_RANGE: ErrorCode = ErrorCode::sender("UnsupportedScanRangeInput", 400);

/// What is asked, understood.
#[derive(Debug)]
pub(crate) struct Select {
    query: Query,
    input: Input,
    packing: Packing,
    output: Output,
    range: Option<ScanRange>,
    /// It is to be said how far it is.
    progress: bool,
}

impl Select {
    /// # Errors
    /// In AWS's words, if it can't be asked.
    pub(crate) fn of(input: &SelectObjectContentInput) -> Result<Self, AwsError> {
        if input.expression_type.as_str() != "SQL" {
            let message = "The ExpressionType is invalid. Only SQL expressions are supported.";
            return Err(AwsError::new(&INVALID_EXPRESSION_TYPE, message));
        }
        let packing = packing(&input.input_serialization)?;
        let source = source(&input.input_serialization)?;
        if input.scan_range.is_some() && (packing != Packing::None || source == Input::Json(JsonInput::Document)) {
            let message = "Scan range queries are not supported on this type of object.";
            return Err(AwsError::new(&UNSUPPORTED_SCAN_RANGE, message));
        }
        Ok(Self {
            query: Query::parse(&input.expression)?,
            input: source,
            packing,
            output: output(&input.output_serialization)?,
            range: input.scan_range.clone(),
            progress: input.request_progress.as_ref().and_then(|asked| asked.enabled) == Some(true),
        })
    }

    /// # Errors
    /// If the object is shorter than what is asked of it.
    fn scan(self, size: u64, now: UnixMillis) -> Result<Scan, AwsError> {
        let scan = Scan::new(self.query, (&self.input, self.packing), self.output, now.0)?;
        let Some(range) = self.range else { return Ok(scan) };
        let (first, last) = within(&range, size).ok_or_else(|| {
            let message = "The value of a parameter in ScanRange element is invalid. Check the service API \
                           documentation and try again.";
            AwsError::new(&INVALID_SCAN_RANGE, message)
        })?;
        Ok(scan.within(first, last))
    }
}

/// AWS: an end without a start counts from the object's end.
fn within(range: &ScanRange, size: u64) -> Option<(u64, u64)> {
    let number = |value: i64| u64::try_from(value).ok();
    let (first, last) = match (range.start, range.end) {
        (None, None) => return None,
        (Some(start), None) => (number(start)?, u64::MAX),
        (None, Some(end)) => (size.saturating_sub(number(end)?), u64::MAX),
        (Some(start), Some(end)) => (number(start)?, number(end)?),
    };
    (first <= last && (first < size || size == 0)).then_some((first, last))
}

fn packing(input: &InputSerialization) -> Result<Packing, AwsError> {
    match &input.compression_type {
        None | Some(CompressionType::None) => Ok(Packing::None),
        Some(CompressionType::Gzip) => Ok(Packing::Gzip),
        Some(CompressionType::Bzip2) => Ok(Packing::Bzip2),
        Some(_) => {
            let message = "The file is not in a supported compression format. Only GZIP and BZIP2 are supported.";
            Err(AwsError::new(&INVALID_COMPRESSION, message))
        }
    }
}

fn source(input: &InputSerialization) -> Result<Input, AwsError> {
    match (&input.csv, &input.json, &input.parquet) {
        (Some(csv), None, None) => Ok(Input::Csv(csv_input(csv)?)),
        (None, Some(JSONInput { r#type }), None) => match r#type {
            Some(JSONType::Document) => Ok(Input::Json(JsonInput::Document)),
            Some(JSONType::Lines) => Ok(Input::Json(JsonInput::Lines)),
            _ => {
                let message = "The JsonType is invalid. Only DOCUMENT and LINES are supported.";
                Err(AwsError::new(&INVALID_JSON_TYPE, message))
            }
        },
        (None, None, Some(_)) => {
            Err(AwsError::new(&code::NOT_IMPLEMENTED, "Objects in Parquet can't be queried here; CSV and JSON can."))
        }
        _ => {
            let message = "Invalid data source type. Only CSV, JSON, and Parquet are supported.";
            Err(AwsError::new(&INVALID_DATA_SOURCE, message))
        }
    }
}

fn csv_input(csv: &CSVInput) -> Result<CsvInput, AwsError> {
    let header = match &csv.file_header_info {
        None | Some(FileHeaderInfo::None) => Header::None,
        Some(FileHeaderInfo::Use) => Header::Use,
        Some(FileHeaderInfo::Ignore) => Header::Ignore,
        Some(_) => {
            let message = "The FileHeaderInfo is invalid. Only NONE, USE, and IGNORE are supported.";
            return Err(AwsError::new(&INVALID_FILE_HEADER, message));
        }
    };
    Ok(CsvInput {
        header,
        comments: csv.comments.clone(),
        escape: csv.quote_escape_character.clone(),
        record: csv.record_delimiter.clone(),
        field: csv.field_delimiter.clone(),
        quote: csv.quote_character.clone(),
    })
}

fn output(output: &OutputSerialization) -> Result<Output, AwsError> {
    match (&output.csv, &output.json) {
        (Some(csv), None) => csv_output(csv).map(Output::Csv),
        (None, Some(json)) => Ok(Output::Json(json.record_delimiter.clone().unwrap_or_else(|| "\n".to_owned()))),
        _ => {
            let message = "The SelectRequest entity is missing a required parameter. Check the service documentation \
                           and try again.";
            Err(AwsError::new(&MISSING_PARAMETER, message))
        }
    }
}

fn csv_output(csv: &CSVOutput) -> Result<CsvOutput, AwsError> {
    let always_quoted = match &csv.quote_fields {
        None | Some(QuoteFields::Asneeded) => false,
        Some(QuoteFields::Always) => true,
        Some(_) => {
            let message = "The QuoteFields is invalid. Only ALWAYS and ASNEEDED are supported.";
            return Err(AwsError::new(&INVALID_QUOTE_FIELDS, message));
        }
    };
    let usual = CsvOutput::default();
    let given = |given: &Option<String>, usual: String| given.clone().unwrap_or(usual);
    Ok(CsvOutput {
        always_quoted,
        escape: given(&csv.quote_escape_character, usual.escape),
        record: given(&csv.record_delimiter, usual.record),
        field: given(&csv.field_delimiter, usual.field),
        quote: given(&csv.quote_character, usual.quote),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_with_the_object_or_begin_before_its_end() {
        let range = |start, end, size| within(&ScanRange { start, end }, size);
        assert_eq!(range(Some(5), None, 10), Some((5, u64::MAX)));
        assert_eq!(range(None, Some(3), 10), Some((7, u64::MAX)));
        assert_eq!(range(Some(2), Some(4), 10), Some((2, 4)));
        assert_eq!(range(Some(4), Some(2), 10), None);
        assert_eq!(range(Some(10), None, 10), None);
        assert_eq!(range(None, None, 10), None);
        assert_eq!(range(Some(-1), None, 10), None);
    }
}
