//! What can be wrong with a query, or with what it is asked of, in the codes and words of AWS.

use std::borrow::Cow;

use updraft_kernel::{AwsError, ErrorCode};

/// A code and its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub code: &'static ErrorCode,
    pub message: Cow<'static, str>,
}

impl From<Wrong> for AwsError {
    fn from(wrong: Wrong) -> Self {
        Self::new(wrong.code, wrong.message)
    }
}

/// One of them, with a code of its own.
macro_rules! wrong {
    ($name:ident, $code:literal, $message:literal) => {
        pub(crate) const $name: Wrong = {
            static CODE: ErrorCode = ErrorCode::sender($code, 400);
            Wrong { code: &CODE, message: Cow::Borrowed($message) }
        };
    };
}

wrong!(
    TOO_LONG,
    "ExpressionTooLong",
    "The SQL expression is too long: The maximum byte-length for the SQL expression is 256 KB."
);
wrong!(LEXER, "LexerInvalidChar", "The SQL expression contains an invalid character.");
wrong!(MISSING_FROM, "ParseSelectMissingFrom", "The SQL expression contains a missing FROM after the SELECT list.");
wrong!(OPERATION, "UnsupportedSqlOperation", "Encountered an unsupported SQL operation.");
wrong!(STRUCTURE, "UnsupportedSqlStructure", "Encountered an unsupported SQL structure. Check the SQL Reference.");
wrong!(SYNTAX, "UnsupportedSyntax", "Encountered invalid syntax.");
wrong!(FUNCTION, "UnsupportedFunction", "Encountered an unsupported SQL function.");
wrong!(
    ARGUMENTS,
    "EvaluatorInvalidArguments",
    "Incorrect number of arguments in the function call in the SQL expression."
);
wrong!(
    ARGUMENT_TYPE,
    "IncorrectSqlFunctionArgumentType",
    "Incorrect type of arguments in function call in the SQL expression."
);
wrong!(
    PATTERN,
    "EvaluatorInvalidTimestampFormatPattern",
    "Timestamp format pattern requires additional fields in the SQL expression."
);
wrong!(
    NO_BINDING,
    "EvaluatorBindingDoesNotExist",
    "A column name or a path provided does not exist in the SQL expression."
);
wrong!(HEADERS, "MissingHeaders", "Some headers in the query are missing from the file. Check the file and try again.");
wrong!(CAST, "CastFailed", "Attempt to convert from one data type to another using CAST failed in the SQL expression.");
wrong!(DATA_TYPE, "InvalidDataType", "The SQL expression contains an invalid data type.");
wrong!(LIKE, "LikeInvalidInputs", "Invalid argument given to the LIKE clause in the SQL expression.");
wrong!(OVERFLOW, "IntegerOverflow", "Int overflow or underflow in the SQL expression.");
wrong!(
    RECORD_SIZE,
    "OverMaxRecordSize",
    "The length of a record in the input or result is greater than maxCharsPerRecord of 1 MB."
);
wrong!(JSON, "JSONParsingError", "Encountered an error parsing the JSON file. Check the file and try again.");
wrong!(CSV, "CSVParsingError", "Encountered an error parsing the CSV file. Check the file and try again.");
wrong!(GZIP, "InvalidCompressionFormat", "The file is not in a supported compression format. Only GZIP is supported.");
wrong!(
    TRUNCATED,
    "TruncatedInput",
    "Object decompression failed. Check that the object is properly compressed using the format \
     specified in the request."
);
wrong!(ENCODING, "InvalidTextEncoding", "Invalid encoding type. Only UTF-8 encoding is supported.");

static UNEXPECTED: ErrorCode = ErrorCode::sender("ParseUnexpectedToken", 400);

/// Where the parser stopped.
pub(crate) fn unexpected(why: &str) -> Wrong {
    let message = format!("The SQL expression contains an unexpected token: {why}");
    Wrong { code: &UNEXPECTED, message: message.into() }
}
