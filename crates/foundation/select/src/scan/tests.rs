//! Queries over texts, whatever pieces they come in.

use std::io::Write as _;

use crate::*;

const PEOPLE: &str = "name,age,city\nAda,36,London\n\"Doe, Jo\",7,Paris\nBob,,\"New \"\"York\"\"\"\n";
const LINES: &str = "{\"n\": 1, \"a\": {\"b\": [\"x\", \"y\"]}}\n{\"n\": 2}\n{\"n\": 30.5, \"a\": null}\n";

fn csv(header: Header) -> Input {
    Input::Csv(CsvInput { header, ..CsvInput::default() })
}

fn lines() -> Output {
    Output::Json("\n".into())
}

fn scan(query: &str, input: &Input, bytes: &[u8], how: (Packing, Output)) -> Result<String, Wrong> {
    let mut answers = Vec::new();
    for step in [1, 5, 1_000] {
        let mut scan = Scan::new(Query::parse(query)?, (input, how.0), how.1.clone(), 0)?;
        for piece in bytes.chunks(step) {
            if !scan.is_done() {
                scan.feed(piece)?;
            }
        }
        scan.end()?;
        answers.push(String::from_utf8(scan.take()).unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "it depends on the pieces");
    Ok(answers.remove(0))
}

fn people(query: &str) -> Result<String, Wrong> {
    scan(query, &csv(Header::Use), PEOPLE.as_bytes(), (Packing::None, Output::Csv(CsvOutput::default())))
}

fn documents(query: &str) -> Result<String, Wrong> {
    scan(query, &Input::Json(JsonInput::Lines), LINES.as_bytes(), (Packing::None, lines()))
}

#[test]
fn fields_are_asked_for_by_name_and_number() {
    assert_eq!(people("SELECT s.name, _2 FROM S3Object s WHERE s.age > 10").as_deref(), Ok("Ada,36\n"));
    let all = "Ada,36,London\n\"Doe, Jo\",7,Paris\nBob,,\"New \"\"York\"\"\"\n";
    assert_eq!(people("SELECT * FROM S3Object").as_deref(), Ok(all));
    assert_eq!(people("SELECT \"city\" FROM S3Object LIMIT 1").as_deref(), Ok("London\n"));
    assert_eq!(people("SELECT street FROM S3Object").unwrap_err().code.name, "MissingHeaders");
    assert_eq!(people("SELECT * FROM S3Object LIMIT 0").as_deref(), Ok(""));
}

#[test]
fn conditions() {
    let names = |condition: &str| people(&format!("SELECT name FROM S3Object WHERE {condition}"));
    assert_eq!(names("name LIKE 'Doe,%'").as_deref(), Ok("\"Doe, Jo\"\n"));
    assert_eq!(names("age IN (7, 36) AND city <> 'Paris'").as_deref(), Ok("Ada\n"));
    assert_eq!(names("CAST(NULLIF(age, '') AS INT) BETWEEN 7 AND 8").as_deref(), Ok("\"Doe, Jo\"\n"));
    assert_eq!(names("NOT (age > 10) OR name = 'Bob'").as_deref(), Ok("\"Doe, Jo\"\nBob\n"), "the unknown is not true");
    assert_eq!(names("CAST(age AS INT) > 1").unwrap_err().code.name, "CastFailed");
}

#[test]
fn everything_comes_to_one_record() {
    let query =
        "SELECT COUNT(*), COUNT(NULLIF(age, '')), SUM(CAST(NULLIF(age, '') AS INT)), MAX(name) AS m FROM S3Object";
    assert_eq!(people(query).as_deref(), Ok("3,2,43,\"Doe, Jo\"\n"));
    let query = "SELECT AVG(CAST(age AS FLOAT)) FROM S3Object WHERE city = 'nowhere'";
    assert_eq!(people(query).as_deref(), Ok("\n"), "of none");
}

#[test]
fn what_fields_are_called_in_json() {
    let told = |query, header| scan(query, &csv(header), b"a,b\n1,2\n", (Packing::None, lines())).unwrap();
    assert_eq!(told("SELECT * FROM S3Object", Header::Use), "{\"a\":\"1\",\"b\":\"2\"}\n");
    assert_eq!(told("SELECT * FROM S3Object", Header::Ignore), "{\"_1\":\"1\",\"_2\":\"2\"}\n");
    assert_eq!(
        told("SELECT _2 AS x, 1 + 1, _1 FROM S3Object", Header::Ignore),
        "{\"x\":\"2\",\"_2\":2,\"_1\":\"1\"}\n"
    );
}

#[test]
fn documents_have_paths_and_parts_that_are_missing() {
    assert_eq!(documents("SELECT s.a.b[1] FROM S3Object s").as_deref(), Ok("{\"_1\":\"y\"}\n{}\n{}\n"));
    assert_eq!(documents("SELECT n FROM S3Object WHERE a IS MISSING").as_deref(), Ok("{\"n\":2}\n"));
    assert_eq!(documents("SELECT n FROM S3Object WHERE a IS NULL").as_deref(), Ok("{\"n\":2}\n{\"n\":30.5}\n"));
    assert_eq!(documents("SELECT * FROM S3Object[*].a.b[*]").as_deref(), Ok("{\"_1\":\"x\"}\n{\"_1\":\"y\"}\n"));
    assert_eq!(documents("SELECT a.b FROM S3Object LIMIT 1").as_deref(), Ok("{\"b\":[\"x\",\"y\"]}\n"));
}

#[test]
fn bytes_may_be_packed() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(PEOPLE.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut bzip = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip.write_all(PEOPLE.as_bytes()).unwrap();
    let bzip = bzip.finish().unwrap();
    let count =
        |bytes: &[u8], packing| scan("SELECT COUNT(*) FROM S3Object", &csv(Header::Use), bytes, (packing, lines()));
    assert_eq!(count(&gzip, Packing::Gzip).as_deref(), Ok("{\"_1\":3}\n"));
    assert_eq!(count(&bzip, Packing::Bzip2).as_deref(), Ok("{\"_1\":3}\n"));
    assert_eq!(count(PEOPLE.as_bytes(), Packing::Gzip).unwrap_err().code.name, "InvalidCompressionFormat");
    assert_eq!(count(&gzip[..gzip.len() - 9], Packing::Gzip).unwrap_err().code.name, "TruncatedInput");
}

#[test]
fn other_separators() {
    let input = CsvInput {
        comments: Some("#".into()),
        escape: Some("\\".into()),
        record: Some("|".into()),
        field: Some(";".into()),
        quote: Some("'".into()),
        ..CsvInput::default()
    };
    let output = CsvOutput {
        always_quoted: true,
        escape: "\\".into(),
        record: "|".into(),
        field: ";".into(),
        quote: "'".into(),
    };
    let text = b"a;'b;\\'c'|#no|d;e|";
    let told = scan("SELECT _2, _1 FROM S3Object", &Input::Csv(input), text, (Packing::None, Output::Csv(output)));
    assert_eq!(told.as_deref(), Ok("'b;\\'c';'a'|'e';'d'|"));
}

#[test]
fn records_count_that_begin_in_the_range() {
    let text = b"aa\nbb\ncc\ndd";
    let within = |first, last| {
        let query = Query::parse("SELECT * FROM S3Object").unwrap();
        let output = Output::Csv(CsvOutput::default());
        let mut scan = Scan::new(query, (&csv(Header::None), Packing::None), output, 0).unwrap().within(first, last);
        scan.feed(text).unwrap();
        scan.end().unwrap();
        String::from_utf8(scan.take()).unwrap()
    };
    assert_eq!(within(0, 2), "aa\n");
    assert_eq!(within(1, 6), "bb\ncc\n");
    assert_eq!(within(7, 100), "dd\n");
    assert_eq!(within(10, 100), "");
}

#[test]
fn no_record_is_longer_than_a_megabyte() {
    let long = "a".repeat((1 << 20) + 1);
    let mut told =
        Scan::new(Query::parse("SELECT * FROM S3Object").unwrap(), (&csv(Header::None), Packing::None), lines(), 0)
            .unwrap();
    let fed = long.as_bytes().chunks(1 << 16).try_for_each(|piece| told.feed(piece));
    assert_eq!(fed.unwrap_err().code.name, "OverMaxRecordSize");
}
