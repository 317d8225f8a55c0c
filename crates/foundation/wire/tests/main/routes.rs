//! Which operation a method and path mean.

use updraft_wire::Value;

use crate::model::{REST, XML};
use crate::{Sent, text};

fn operation(method: &str, target: &str) -> String {
    Sent::new(method, target)
        .find(&REST)
        .map_or_else(|error| error.code().name.to_owned(), |call| call.op.name.to_owned())
}

#[test]
fn the_query_tells_apart_what_the_path_does_not() {
    assert_eq!(operation("GET", "/b/k"), "GetKey");
    assert_eq!(operation("GET", "/b/k?tagging"), "GetKeyTags");
    assert_eq!(operation("GET", "/b/k?tagging="), "GetKeyTags");
    assert_eq!(operation("GET", "/b/k?uploadId=1"), "ListParts");
    assert_eq!(operation("GET", "/b"), "ListKeys");
    assert_eq!(operation("GET", "/b/"), "ListKeys");
    assert_eq!(operation("GET", "/b?list-type=2&x-id=ListKeysV2"), "ListKeysV2");
    assert_eq!(operation("GET", "/b?list-type=1"), "ListKeys");
}

#[test]
fn literals_go_before_labels_and_labels_before_the_rest() {
    assert_eq!(operation("GET", "/ping"), "Ping");
    assert_eq!(operation("POST", "/things/x/send"), "Send");
}

/// S3 has such pairs: `GetBucketLifecycle` was replaced, `ListDirectoryBuckets` belongs to another endpoint.
#[test]
fn of_equals_the_current_one_is_meant_and_of_those_the_first() {
    assert_eq!(operation("GET", "/ping"), "Ping");
}

#[test]
fn a_slash_at_the_end_makes_no_difference() {
    assert_eq!(operation("POST", "/2026-01-01/things"), "Make");
    assert_eq!(operation("POST", "/2026-01-01/things/"), "Make");
}

#[test]
fn what_no_template_fits_is_unknown() {
    assert_eq!(operation("PATCH", "/b/k"), "UnknownOperationException");
    assert_eq!(operation("POST", "/"), "UnknownOperationException");
    assert_eq!(operation("POST", "/things//send"), "UnknownOperationException");
    assert_eq!(operation("GET", "/b/%ff"), "UnknownOperationException");
    assert_eq!(Sent::new("POST", "/").find(&REST).unwrap_err().code().status, 404);
    assert_eq!(Sent::new("POST", "/").find(&XML).unwrap_err().code().name, "MethodNotAllowed");
    assert_eq!(Sent::new("GET", "/b/%ff").find(&XML).unwrap_err().code().name, "InvalidURI");
}

/// S3: keys are any UTF-8, and nothing in them is ever put right.
#[test]
fn the_rest_of_a_path_is_kept_as_it_is() {
    for (path, key) in [
        ("/b/a/b", "a/b"),
        ("/b/a%2Fb", "a/b"),
        ("/b/a//b/", "a//b/"),
        ("/b/./../a", "./../a"),
        ("/b/a+b%2B%20", "a+b+ "),
        ("/b/%C3%A4", "ä"),
        ("/b//", "/"),
    ] {
        let input = Sent::new("GET", path).decode(&REST).unwrap();
        assert_eq!(input, Value::Structure(vec![(0, text("b")), (1, text(key))]), "{path}");
    }
}
