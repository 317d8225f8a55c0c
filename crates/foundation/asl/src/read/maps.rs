//! `Map`.

use serde_json::Value;

use super::field::{Fields, query, wrong};
use super::{Notes, Workflow, machine};
use crate::definition::{
    Batching, Concurrency, Distributed, Items, Language, Map, Mode, Reading, Tolerance, Writing, Written,
};

pub(super) const FIELDS: &[&str] = &[
    "ItemProcessor",
    "Iterator",
    "ItemsPath",
    "Items",
    "ItemReader",
    "ItemSelector",
    "ItemBatcher",
    "ResultWriter",
    "MaxConcurrency",
    "MaxConcurrencyPath",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
    "Label",
    "Parameters",
];

pub(super) fn map(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Map> {
    let named = if of.has("Iterator") && !of.has("ItemProcessor") { "Iterator" } else { "ItemProcessor" };
    if !of.required(notes, &[named]) {
        return None;
    }
    let written = of.object(notes, named)?;
    written.only(notes, &["Comment", "StartAt", "States", "ProcessorConfig", "QueryLanguage"]);
    let mode = mode(notes, of, &written, language);
    let processor = machine(notes, &written, language)?;
    let items = items(notes, of, language)?;
    // AWS: the old name goes on being taken.
    let selector = if of.has("ItemSelector") { "ItemSelector" } else { "Parameters" };
    let selector = of.template(notes, selector, language);
    let most = of.number(notes, ("MaxConcurrency", language), 0..=u64::MAX).unwrap_or(Written::Fixed(0));
    Some(Map { items, selector, processor, mode, concurrency: Concurrency(most) })
}

fn items(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Items> {
    if of.has("ItemReader") {
        return reading(notes, of, language).map(|reading| Items::Read(Box::new(reading)));
    }
    match (language, of.get("Items")) {
        (Language::Jsonata, Some(Value::String(text))) => query(notes, text, &of.place("Items")).map(Items::Query),
        (Language::Jsonata, Some(Value::Array(_))) => of.template(notes, "Items", language).map(Items::List),
        (Language::Jsonata, Some(_)) => wrong(notes, &of.place("Items"), "an array or a JSONata expression"),
        (Language::Jsonata, None) => Some(Items::At(None)),
        (Language::Paths, _) if of.has("ItemsPath") => of.path(notes, "ItemsPath").map(|path| Items::At(Some(path))),
        (Language::Paths, _) => Some(Items::At(None)),
    }
}

fn reading(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Reading> {
    let reader = of.object(notes, "ItemReader")?;
    reader.only(notes, &["Resource", "ReaderConfig", arguments(language)]);
    if !reader.required(notes, &["Resource"]) {
        return None;
    }
    let config = reader.object(notes, "ReaderConfig");
    let max_items = config.as_ref().and_then(|config| config.number(notes, ("MaxItems", language), 0..=100_000_000));
    Some(Reading {
        resource: reader.text(notes, "Resource")?.to_owned(),
        config: plain(config.as_ref()),
        arguments: reader.template(notes, arguments(language), language),
        max_items,
    })
}

/// Notes it if a text is another one than these.
fn one_of(notes: &mut Notes, of: &Fields<'_>, name: &str, known: &[&str]) {
    if of.text(notes, name).is_some_and(|text| !known.contains(&text)) {
        let _noted: Option<()> = wrong(notes, &of.place(name), &format!("one of [{}]", known.join(", ")));
    }
}

/// What a service is given.
const fn arguments(language: Language) -> &'static str {
    match language {
        Language::Paths => "Parameters",
        Language::Jsonata => "Arguments",
    }
}

fn plain(fields: Option<&Fields<'_>>) -> serde_json::Map<String, Value> {
    fields
        .map(|fields| fields.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect())
        .unwrap_or_default()
}

/// `ProcessorConfig`, and what only a distributed one has.
fn mode(notes: &mut Notes, of: &Fields<'_>, processor: &Fields<'_>, language: Language) -> Mode {
    let Some(config) = processor.object(notes, "ProcessorConfig") else { return Mode::Inline };
    config.only(notes, &["Mode", "ExecutionType"]);
    match config.text(notes, "Mode") {
        None | Some("INLINE") => Mode::Inline,
        Some("DISTRIBUTED") if notes.workflow == Workflow::Express => {
            let message = "Express state machine does not support a Map state in DISTRIBUTED mode";
            notes.say(&config.place("Mode"), message);
            Mode::Inline
        }
        Some("DISTRIBUTED") => Mode::Distributed(Box::new(distributed(notes, of, &config, language))),
        Some(_) => {
            let wanted = "one of [INLINE, DISTRIBUTED]";
            wrong(notes, &config.place("Mode"), wanted).unwrap_or(Mode::Inline)
        }
    }
}

fn distributed(notes: &mut Notes, of: &Fields<'_>, config: &Fields<'_>, language: Language) -> Distributed {
    let express = match config.text(notes, "ExecutionType") {
        None | Some("STANDARD") => false,
        Some("EXPRESS") => true,
        Some(_) => wrong(notes, &config.place("ExecutionType"), "one of [STANDARD, EXPRESS]").unwrap_or(false),
    };
    let label = of.text(notes, "Label").map(str::to_owned);
    if label.as_ref().is_some_and(|label| label.chars().count() > 40) {
        notes.say(&of.at, "Label cannot exceed 40 characters");
    }
    let odd = label.iter().flat_map(|label| label.chars()).find(|letter| !fits_a_label(*letter));
    if let Some(odd) = odd {
        notes.say(&of.at, format!("Label contains invalid character: '{odd}'"));
    }
    Distributed {
        express,
        label,
        batching: batching(notes, of, language),
        writing: writing(notes, of, language),
        tolerance: Tolerance {
            count: of.number(notes, ("ToleratedFailureCount", language), 0..=u64::MAX),
            percentage: percentage(notes, of, language),
        },
    }
}

/// AWS: the documentation's list of characters that labels don't have.
fn fits_a_label(letter: char) -> bool {
    !letter.is_whitespace() && !letter.is_control() && !r##"?*<>{}[]"#%\^|~`$&,;:/"##.contains(letter)
}

fn batching(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Batching> {
    let batcher = of.object(notes, "ItemBatcher")?;
    batcher.only(
        notes,
        &[
            "MaxItemsPerBatch",
            "MaxItemsPerBatchPath",
            "MaxInputBytesPerBatch",
            "MaxInputBytesPerBatchPath",
            "BatchInput",
        ],
    );
    Some(Batching {
        most_items: batcher.number(notes, ("MaxItemsPerBatch", language), 1..=u64::MAX),
        most_bytes: batcher.number(notes, ("MaxInputBytesPerBatch", language), 1..=262_144),
        input: batcher.template(notes, "BatchInput", language),
    })
}

fn writing(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Writing> {
    let writer = of.object(notes, "ResultWriter")?;
    writer.only(notes, &["Resource", "WriterConfig", arguments(language)]);
    if let Some(config) = writer.object(notes, "WriterConfig") {
        config.only(notes, &["Transformation", "OutputType"]);
        one_of(notes, &config, "Transformation", &["NONE", "COMPACT", "FLATTEN"]);
        one_of(notes, &config, "OutputType", &["JSON", "JSONL"]);
    }
    Some(Writing {
        resource: writer.text(notes, "Resource").map(str::to_owned),
        config: plain(writer.object(notes, "WriterConfig").as_ref()),
        arguments: writer.template(notes, arguments(language), language),
    })
}

fn percentage(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Written<f64>> {
    const NAME: &str = "ToleratedFailurePercentage";
    if language == Language::Paths && of.has("ToleratedFailurePercentagePath") {
        return of.path(notes, "ToleratedFailurePercentagePath").map(Written::Path);
    }
    match of.get(NAME)? {
        Value::String(_) if language == Language::Jsonata => of.query(notes, NAME).map(Written::Query),
        value => match value.as_f64().filter(|share| (0.0..=100.0).contains(share)) {
            Some(share) => Some(Written::Fixed(share)),
            None => wrong(notes, &of.place(NAME), "a number between 0 and 100"),
        },
    }
}
