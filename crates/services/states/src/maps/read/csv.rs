//! Rows with columns.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::object::{Parsed, Piece};
use super::{Reader, Unreadable};

/// The rows that end in the piece.
pub(super) fn parse(reader: &Reader<'_>, piece: &Piece<'_>) -> Result<Parsed, Unreadable> {
    let given = reader.config.get("CSVHeaders").and_then(Value::as_array);
    let given = given.map(|names| names.iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect());
    let known = piece.at.columns.as_ref().map(|names| names.to_vec());
    let columns = match (known, reader.setting("CSVHeaderLocation")) {
        (Some(known), _) => Some(known),
        (None, Some("GIVEN")) => Some(given.ok_or_else(|| Unreadable::never("CSVHeaders are missing."))?),
        (None, _) => None,
    };
    let separator = separator(reader.setting("CSVDelimiter"))?;
    rows(piece.bytes, (piece.is_last, separator), columns)
}

/// `columns`: those of the first row, where they aren't known.
pub(super) fn rows(
    bytes: &[u8],
    (is_last, separator): (bool, u8),
    mut columns: Option<Vec<String>>,
) -> Result<Parsed, Unreadable> {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(bytes);
    let (mut row, mut parsed) = (csv::ByteRecord::new(), Parsed::default());
    if let Some(columns) = &columns {
        all_different(columns)?;
    }
    loop {
        let wrong = |error: csv::Error| Unreadable::never(format!("The CSV file can't be read: {error}"));
        if !rows.read_byte_record(&mut row).map_err(wrong)? {
            break;
        }
        let far = usize::try_from(rows.position().byte()).unwrap_or(usize::MAX);
        // It may go on in the next piece.
        if far >= bytes.len() && !is_last {
            break;
        }
        let cells = row.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
        match &columns {
            Some(columns) => parsed.items.push((item(columns, cells), far)),
            None => {
                let names: Vec<String> = cells.map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
                all_different(&names)?;
                (columns, parsed.skipped) = (Some(names), far);
            }
        }
    }
    parsed.columns = columns;
    Ok(parsed)
}

fn all_different(columns: &[String]) -> Result<(), Unreadable> {
    let different: HashSet<&String> = columns.iter().collect();
    if different.len() == columns.len() {
        return Ok(());
    }
    Err(Unreadable::never("CSV headers cannot contain duplicates."))
}

/// AWS: cells that a row doesn't have are empty.
fn item(columns: &[String], mut cells: impl Iterator<Item = String>) -> Value {
    let cell = |name: &String| (name.clone(), json!(cells.next().unwrap_or_default()));
    Value::Object(columns.iter().map(cell).collect::<Map<_, _>>())
}

fn separator(name: Option<&str>) -> Result<u8, Unreadable> {
    Ok(match name {
        None | Some("COMMA") => b',',
        Some("PIPE") => b'|',
        Some("SEMICOLON") => b';',
        Some("SPACE") => b' ',
        Some("TAB") => b'\t',
        Some(other) => return Err(Unreadable::never(format!("{other} isn't a CSVDelimiter."))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &str, is_last: bool, columns: Option<&[&str]>) -> Parsed {
        let columns = columns.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        rows(bytes.as_bytes(), (is_last, b','), columns).ok().unwrap()
    }

    #[test]
    fn what_may_go_on_in_the_next_piece_is_left_to_it() {
        let text = "a,b\n1,\"x\ny\"\n2,z";
        let parsed = read(text, false, None);
        assert_eq!(parsed.items, [(json!({ "a": "1", "b": "x\ny" }), 12)]);
        assert_eq!(read(text, true, None).items.len(), 2);
        for cut in 0..text.len() {
            let parsed = read(&text[..cut], false, None);
            let far = parsed.items.last().map_or(parsed.skipped, |(_, far)| *far);
            let columns = parsed.columns.clone();
            let rest = rows(&text.as_bytes()[far..], (true, b','), columns).ok().unwrap();
            let all: Vec<Value> = parsed.items.into_iter().chain(rest.items).map(|(item, _)| item).collect();
            assert_eq!(all, [json!({ "a": "1", "b": "x\ny" }), json!({ "a": "2", "b": "z" })], "cut at {cut}");
        }
    }

    #[test]
    fn rows_may_be_short_and_columns_have_names_of_their_own() {
        let parsed = read(",,\nNull,None\n   ,\n", true, Some(&["H1", "H2", "H3"]));
        let items: Vec<Value> = parsed.items.into_iter().map(|(item, _)| item).collect();
        let row = |a: &str, b: &str| json!({ "H1": a, "H2": b, "H3": "" });
        assert_eq!(items, [row("", ""), row("Null", "None"), row("   ", "")]);
        let twice = rows(b"a,a\n1,2\n", (true, b','), None).err().unwrap();
        assert!(matches!(twice, Unreadable::Never(cause) if cause == "CSV headers cannot contain duplicates."));
    }
}
