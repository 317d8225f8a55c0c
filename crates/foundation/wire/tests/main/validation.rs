//! AWS's words for inputs that break the model's rules; most of them as recorded.

use crate::model::{JSON, SQS};
use crate::target;

fn message(body: &str) -> String {
    target("Make", body).decode(&JSON).map_or_else(|error| error.message().to_owned(), |_| "valid".to_owned())
}

fn one(constraint: &str) -> String {
    format!("1 validation error detected: {constraint}")
}

#[test]
fn a_required_member_must_be_there() {
    assert_eq!(message("{}"), one("Value null at 'name' failed to satisfy constraint: Member must not be null"));
    assert_eq!(message(r#"{"Name":null}"#), message("{}"));
}

#[test]
fn text_has_a_length_a_pattern_and_values() {
    let failed = |value: &str, place: &str, what: &str| {
        one(&format!("Value '{value}' at '{place}' failed to satisfy constraint: Member must {what}"))
    };
    assert_eq!(message(r#"{"Name":"abc"}"#), "valid");
    assert_eq!(message(r#"{"Name":"abcdefgh"}"#), "valid");
    assert_eq!(message(r#"{"Name":"ab"}"#), failed("ab", "name", "have length greater than or equal to 3"));
    assert_eq!(message(r#"{"Name":"abcdefghi"}"#), failed("abcdefghi", "name", "have length less than or equal to 8"));
    assert_eq!(message(r#"{"Name":"ABC"}"#), failed("ABC", "name", "satisfy regular expression pattern: [a-z]+"));
    assert_eq!(
        message(r#"{"Name":"abc","Colour":"GREEN"}"#),
        failed("GREEN", "colour", "satisfy enum value set: [RED, BLUE]")
    );
}

/// Recorded: lambda, `test_layer_exceptions`.
#[test]
fn a_service_may_list_other_values_than_it_takes() {
    assert_eq!(message(r#"{"Name":"abc","Shades":["PALE","DARK"]}"#), "valid");
    assert_eq!(
        message(r#"{"Name":"abc","Shades":["DIM","PALE"],"Colours":["RED","GREEN"]}"#),
        "2 validation errors detected: \
         Value '[DIM, PALE]' at 'shades' failed to satisfy constraint: Member must satisfy enum value set: [LIGHT, DARK]; \
         Value '[RED, GREEN]' at 'colours' failed to satisfy constraint: Member must satisfy constraint: \
         [Member must satisfy enum value set: [RED, BLUE], Member must not be null]"
    );
}

#[test]
fn numbers_have_a_range() {
    let failed = |value: &str, what: &str| {
        one(&format!("Value '{value}' at 'count' failed to satisfy constraint: Member must have value {what}"))
    };
    assert_eq!(message(r#"{"Name":"abc","Count":1}"#), "valid");
    assert_eq!(message(r#"{"Name":"abc","Count":10}"#), "valid");
    assert_eq!(message(r#"{"Name":"abc","Count":0}"#), failed("0", "greater than or equal to 1"));
    assert_eq!(message(r#"{"Name":"abc","Count":11}"#), failed("11", "less than or equal to 10"));
}

#[test]
fn several_errors_are_told_in_one() {
    assert_eq!(
        message(r#"{"Name":"A","Count":0}"#),
        "3 validation errors detected: \
         Value 'A' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 3; \
         Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+; \
         Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1"
    );
}

#[test]
fn paths_count_elements_from_one() {
    assert_eq!(
        message(r#"{"Name":"abc","Parts":[{"Name":"abc"},{"Name":"abc","Inner":[{}]}]}"#),
        one("Value null at 'parts.2.member.inner.1.member.name' failed to satisfy constraint: Member must not be null")
    );
    assert_eq!(
        message(r#"{"Name":"abc","PartsByName":{"attr1":{}}}"#),
        one("Value null at 'partsByName.attr1.member.name' failed to satisfy constraint: Member must not be null")
    );
}

#[test]
fn elements_without_members_are_told_as_a_whole() {
    let all = "Member must have length less than or equal to 8, Member must have length greater than or equal to 3, \
               Member must satisfy regular expression pattern: [a-z]+";
    assert_eq!(
        message(r#"{"Name":"abc","Names":["abc","a"]}"#),
        one(&format!(
            "Value '[abc, a]' at 'names' failed to satisfy constraint: Member must satisfy constraint: [{all}]"
        ))
    );
    assert_eq!(
        message(r#"{"Name":"abc","Tags":{"$LATEST":"0"}}"#),
        one(&format!(
            "Value '{{$LATEST=0}}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [{all}]"
        ))
    );
    assert_eq!(
        message(r#"{"Name":"abc","Weights":{"2":2}}"#),
        one("Value '{2=2.0}' at 'weights' failed to satisfy constraint: Map value must satisfy constraint: \
             [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, \
             Member must not be null]")
    );
}

#[test]
fn lists_have_a_size() {
    assert_eq!(message(r#"{"Name":"abc","Names":["abc","abc"]}"#), "valid");
    assert_eq!(
        message(r#"{"Name":"abc","Names":["abc","abc","abc"]}"#),
        one(
            "Value '[abc, abc, abc]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 2"
        )
    );
}

#[test]
fn secrets_are_not_repeated() {
    assert_eq!(
        message(r#"{"Name":"abc","Secret":"hunter2"}"#),
        one("Value at 'secret' failed to satisfy constraint: Member must have length less than or equal to 4")
    );
}

#[test]
fn sqs_asks_for_what_is_missing_in_its_own_words() {
    let error = target("Make", "{}").decode(&SQS).unwrap_err();
    assert_eq!(
        (error.code().name, error.message()),
        ("MissingRequiredParameterException", "The request must contain the parameter Name.")
    );
}
