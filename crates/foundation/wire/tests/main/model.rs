//! A small service in all protocols.

use updraft_kernel::{ErrorCode, Fault};
use updraft_wire::model::{
    ErrorShape, Location, Operation, Pattern, Protocol, Routes, ServiceModel, Shape, Style, TimestampFormat, Wording,
    blob, boolean, double, element, integer, list, map, member, operation, string, structure, timestamp,
};

pub(crate) static SOLD_OUT: ErrorCode =
    ErrorCode { name: "SoldOutException", status: 409, fault: Fault::Sender, query_code: Some("Shop.SoldOut") };
pub(crate) static BUSY: ErrorCode = ErrorCode::receiver("BusyException", 429);

static TEXT: Shape = string("Text");
static NAME_PATTERN: Pattern = Pattern::new("[a-z]+");
static NAME: Shape = string("Name").min(3).max(8).pattern(&NAME_PATTERN);
static SECRET: Shape = string("Secret").max(4).sensitive();
static COLOUR: Shape = string("Colour").values(&["RED", "BLUE"]);
static SHADES: Shape = list("Shades", &[element(&TEXT)])
    .values(&["DARK", "LIGHT", "PALE"])
    .wording(&Wording { listed: &["LIGHT", "DARK"], not_null: false });
static COLOURS: Shape = list("Colours", &[element(&COLOUR)]).wording(&Wording { listed: &[], not_null: true });
static COUNT: Shape = integer("Count").min(1).max(10);
static WEIGHT: Shape = double("Weight").min(0).max(1);
static FLAG: Shape = boolean("Flag");
static BYTES: Shape = blob("Bytes");
static DATE: Shape = timestamp("Date");
static ISO_DATE: Shape = timestamp("IsoDate").format(TimestampFormat::Iso8601);
static NAMES: Shape = list("Names", &[element(&NAME)]).max(2);
static TEXTS: Shape = list("Texts", &[element(&TEXT)]);
static LABELS: Shape = list("Labels", &[element(&TEXT).wire("Label")]);
static TAGS: Shape = map("Tags", &[member("key", &NAME), member("value", &TEXT)]);
static WEIGHTS: Shape = map("Weights", &[member("key", &TEXT), member("value", &WEIGHT)]);
static PART: Shape = structure("Part", &[member("Name", &NAME).required(), member("Inner", &PARTS)]);
static PARTS: Shape = list("Parts", &[element(&PART)]);
static PARTS_BY_NAME: Shape = map("PartsByName", &[member("key", &TEXT), member("value", &PART)]);

static MAKE_INPUT: Shape = structure(
    "MakeInput",
    &[
        member("Name", &NAME).required(),
        member("Colour", &COLOUR),
        member("Count", &COUNT),
        member("Secret", &SECRET),
        member("Names", &NAMES),
        member("Tags", &TAGS),
        member("Weights", &WEIGHTS),
        member("Parts", &PARTS),
        member("PartsByName", &PARTS_BY_NAME),
        member("Bytes", &BYTES),
        member("Date", &DATE),
        member("Flag", &FLAG),
        member("Labels", &LABELS).flattened(),
        member("Weight", &WEIGHT),
        member("Shades", &SHADES),
        member("Colours", &COLOURS),
    ],
);
static MAKE_OUTPUT: Shape = structure(
    "MakeOutput",
    &[
        member("Name", &TEXT),
        member("Date", &DATE),
        member("IsoDate", &ISO_DATE),
        member("Bytes", &BYTES),
        member("Texts", &TEXTS),
        member("Labels", &LABELS).flattened(),
        member("Tags", &TAGS),
        member("Weight", &WEIGHT),
    ],
);

static SEND_INPUT: Shape = structure(
    "SendInput",
    &[
        member("Id", &TEXT).wire("id").at(Location::Uri).required(),
        member("Body", &BYTES),
        member("Kind", &TEXT).wire("X-Amz-Kind").at(Location::Header),
        member("Since", &DATE).wire("since").at(Location::Query),
        member("Keys", &TEXTS).wire("keys").at(Location::Query),
        member("Meta", &TAGS).wire("x-amz-meta-").at(Location::Headers),
        member("Limit", &COUNT).wire("limit").at(Location::Query),
    ],
)
.payload(1);
static SEND_OUTPUT: Shape = structure(
    "SendOutput",
    &[
        member("Status", &COUNT).at(Location::Status),
        member("Kind", &TEXT).wire("X-Amz-Kind").at(Location::Header),
        member("Body", &BYTES),
        member("Modified", &DATE).wire("Last-Modified").at(Location::Header),
        member("Meta", &TAGS).wire("x-amz-meta-").at(Location::Headers),
    ],
)
.payload(2);
static KEY_INPUT: Shape = structure(
    "KeyInput",
    &[
        member("Bucket", &TEXT).at(Location::Uri).required(),
        member("Key", &TEXT).at(Location::Uri).required(),
        member("Upload", &TEXT).wire("uploadId").at(Location::Query),
    ],
);
static UPLOAD_INPUT: Shape = structure(
    "UploadInput",
    &[
        member("Bucket", &TEXT).at(Location::Uri).required(),
        member("Key", &TEXT).at(Location::Uri).required(),
        member("Upload", &TEXT).wire("uploadId").at(Location::Query).required(),
    ],
);
static BUCKET_INPUT: Shape = structure("BucketInput", &[member("Bucket", &TEXT).at(Location::Uri).required()]);
static TICK: Shape = structure("Tick", &[member("Body", &BYTES).event_payload()]);
static TICKS: Shape =
    structure("Ticks", &[member("Tick", &TICK), member("End", &EMPTY), member("SoldOut", &SOLD_OUT_SHAPE)])
        .event_stream();
static WATCH_OUTPUT: Shape = structure(
    "WatchOutput",
    &[member("Kind", &TEXT).wire("X-Amz-Kind").at(Location::Header), member("Ticks", &TICKS), member("Session", &TEXT)],
)
.payload(1);
static EMPTY: Shape = structure("Empty", &[]);
static SOLD_OUT_SHAPE: Shape =
    structure("SoldOutException", &[member("Type", &TEXT), member("Message", &TEXT), member("Left", &COUNT)]);
static BUSY_SHAPE: Shape = structure(
    "BusyException",
    &[member("message", &TEXT), member("retryAfter", &TEXT).wire("Retry-After").at(Location::Header)],
);

static OPERATIONS: [Operation; 14] = [
    operation(0, "DeleteKey", "shop:DeleteKey")
        .http("DELETE", "/{Bucket}/{Key+}", 204)
        .input(&KEY_INPUT)
        .output(&EMPTY),
    operation(1, "GetKey", "shop:GetKey").http("GET", "/{Bucket}/{Key+}", 200).input(&KEY_INPUT),
    operation(2, "GetKeyTags", "shop:GetKeyTags").http("GET", "/{Bucket}/{Key+}?tagging", 200).input(&KEY_INPUT),
    operation(3, "HeadKey", "shop:HeadKey").http("HEAD", "/{Bucket}/{Key+}", 200).input(&KEY_INPUT),
    operation(4, "ListKeys", "shop:ListKeys").http("GET", "/{Bucket}", 200).input(&BUCKET_INPUT),
    operation(5, "ListKeysV2", "shop:ListKeysV2").http("GET", "/{Bucket}?list-type=2", 200).input(&BUCKET_INPUT),
    operation(6, "ListParts", "shop:ListParts").http("GET", "/{Bucket}/{Key+}", 200).input(&UPLOAD_INPUT),
    operation(7, "Make", "shop:Make")
        .http("POST", "/2026-01-01/things/", 201)
        .input(&MAKE_INPUT)
        .output(&MAKE_OUTPUT)
        .result_wrapper("MakeResult")
        .errors(&[&SOLD_OUT_SHAPE, &BUSY_SHAPE]),
    operation(8, "OldPing", "shop:OldPing").http("GET", "/ping", 200).deprecated(),
    operation(9, "Ping", "shop:Ping").http("GET", "/ping", 200).output(&EMPTY),
    operation(10, "PingTwin", "shop:PingTwin").http("GET", "/ping", 200),
    operation(11, "Rest", "shop:Rest").http("POST", "/rest", 202),
    operation(12, "Send", "shop:Send").http("POST", "/things/{id}/send", 200).input(&SEND_INPUT).output(&SEND_OUTPUT),
    operation(13, "Watch", "shop:Watch").http("POST", "/watch", 200).output(&WATCH_OUTPUT).event_stream(1),
];
static SHAPES: [&Shape; 2] = [&BUSY_SHAPE, &SOLD_OUT_SHAPE];
static ERRORS: [ErrorShape; 2] =
    [ErrorShape { code: &BUSY, shape: &BUSY_SHAPE }, ErrorShape { code: &SOLD_OUT, shape: &SOLD_OUT_SHAPE }];

const fn shop(protocols: &'static [Protocol], style: Style) -> ServiceModel {
    ServiceModel {
        name: "shop",
        service_id: "Shop",
        signing_name: "shop",
        endpoint_prefix: "shop",
        target_prefix: "Shop_20260101",
        api_version: "2026-01-01",
        protocols,
        json_version: "1.0",
        xml_namespace: "https://shop.example.com/doc/2026-01-01/",
        query_compatible: false,
        global: false,
        error_namespace: "",
        style,
        validation: None,
        operations: &OPERATIONS,
        shapes: &SHAPES,
        errors: &ERRORS,
        routes: Routes::new(),
    }
}

pub(crate) static JSON: ServiceModel = shop(&[Protocol::Json], Style::Plain);
pub(crate) static DYNAMODB: ServiceModel = {
    let mut model = shop(&[Protocol::Json], Style::DynamoDb);
    model.error_namespace = "com.amazonaws.shop#";
    model
};
pub(crate) static SQS: ServiceModel = {
    let mut model = shop(&[Protocol::Json], Style::Sqs);
    model.query_compatible = true;
    model
};
pub(crate) static REST: ServiceModel = shop(&[Protocol::RestJson], Style::Plain);
pub(crate) static XML: ServiceModel = shop(&[Protocol::RestXml], Style::Plain);
pub(crate) static QUERY: ServiceModel = shop(&[Protocol::Query], Style::Plain);
pub(crate) static MANY: ServiceModel = shop(&[Protocol::Cbor, Protocol::Json, Protocol::Query], Style::Plain);
