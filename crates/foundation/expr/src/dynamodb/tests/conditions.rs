use super::*;

fn holds(text: &str) -> bool {
    parse_condition(Kind::Condition, text, &mut bindings()).unwrap_or_else(|e| panic!("{text}: {e}")).holds(&item())
}

fn refused(text: &str) -> String {
    let err = parse_condition(Kind::Condition, text, &mut bindings()).expect_err(text).to_string();
    err.strip_prefix("Invalid ConditionExpression: ").unwrap_or_else(|| panic!("{err}")).to_owned()
}

#[test]
fn conditions_mean_what_aws_says() {
    for text in [
        "a = :one",
        "#a=:one",
        "a <> :two",
        ":one < :two",
        "a < :two and a <= :one and a >= :one",
        "NOT a = :two",
        "not not a = :one",
        "a = :two OR a = :one",
        "a = :two AND a = :two OR a = :one",
        "a = :one OR a = :two AND a = :two",
        "(a = :one OR a = :two) AND a < :two",
        "a BETWEEN :one AND :two",
        "a between :one and :two AND b > :x",
        "a IN (:two, :one)",
        "attribute_exists(e.g[0])",
        "attribute_not_exists(e.g[1])",
        "attribute_not_exists(zz) AND attribute_exists(nothing)",
        "attribute_type(b, :S)",
        "begins_with(b, :xy)",
        "contains(b, :x)",
        "contains(c, :x)",
        "contains(d, :one)",
        "size(b) > :two",
        "(size(d)) > :two",
        "e.f > :two",
        "d[1] > :x OR d[0] = :one",
        "#n <> :x",
        "c = :set",
        "zz <> :one",
        "NOT zz = :one",
    ] {
        assert!(holds(text), "{text}");
    }
}

#[test]
fn and_what_does_not_hold() {
    for text in [
        "a = :x",
        "a > :x",
        "zz = :one",
        "zz < :one",
        "zz BETWEEN :one AND :two",
        "contains(a, :one)",
        "begins_with(a, :x)",
        "size(a) = :one",
        "a.b = :one",
        "d[7] = :one",
        "c = :z",
        "attribute_type(a, :S)",
        "attribute_exists(b.c)",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn syntax_errors_quote_their_surroundings() {
    for (text, token, near) in [
        ("a = ", "<EOF>", "="),
        ("a-b", "-", "a-b"),
        ("a = :one b", "b", ":one b"),
        ("= :one", "=", "= :one"),
        ("!!", "!", "!!"),
        ("a = :one AND", "<EOF>", "AND"),
        ("(a = :one", "<EOF>", ":one"),
        ("a BETWEEN :one :two", ":two", ":one :two"),
        ("a IN :one", ":one", "IN :one"),
        ("a[b] = :one", "b", "[b]"),
        ("a[-1] = :one", "-", "[-1"),
        ("_a = :one", "_", "_a"),
        ("a. = :one", "=", ". = :one"),
        ("AND", "AND", "AND"),
        ("a", "<EOF>", "a"),
        ("size()", ")", "()"),
        ("a : one", ":", "a : one"),
        ("a[99999999999999999999] = :one", "99999999999999999999", "[99999999999999999999]"),
    ] {
        assert_eq!(refused(text), format!("Syntax error; token: \"{token}\", near: \"{near}\""), "{text}");
    }
}

#[test]
fn names_values_and_functions_that_do_not_exist_are_told() {
    for (text, message) in [
        ("  ", "The expression can not be empty;"),
        ("name = :x", "Attribute name is a reserved keyword; reserved keyword: name"),
        ("#zz = :x", "An expression attribute name used in the document path is not defined; attribute name: #zz"),
        ("a = :zz", "An expression attribute value used in expression is not defined; attribute value: :zz"),
        ("foo(a)", "Invalid function name; function: foo"),
        ("if_not_exists(a, :x)", "The function is not allowed in a condition expression; function: if_not_exists"),
        ("size(a)", "The function is not allowed to be used this way in an expression; function: size"),
        (
            "attribute_exists(a) = :true",
            "The function is not allowed to be used this way in an expression; function: attribute_exists",
        ),
        (
            "attribute_exists(:x)",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "attribute_type(a, :x)",
            "Invalid attribute type name found; type: x, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
        ),
        ("((a = :one))", "The expression has redundant parentheses;"),
    ] {
        assert_eq!(refused(text), message, "{text}");
    }
}

#[test]
fn operands_of_the_wrong_type_or_number_are_told() {
    let operand = |op: &str, found: &str| {
        format!("Incorrect operand type for operator or function; operator or function: {op}, operand type: {found}")
    };
    let count = |op: &str, n: usize| {
        format!(
            "Incorrect number of operands for operator or function; operator or function: {op}, number of operands: {n}"
        )
    };
    for (text, message) in [
        ("begins_with(b)", count("begins_with", 1)),
        ("attribute_exists(a, b)", count("attribute_exists", 2)),
        ("begins_with(b, :one)", operand("begins_with", "N")),
        ("a < :true", operand("<", "BOOL")),
        ("a BETWEEN :true AND :true", operand("BETWEEN", "BOOL")),
        ("attribute_type(a, :one)", operand("attribute_type", "N")),
        ("size(:one) = :one", operand("size", "N")),
    ] {
        assert_eq!(refused(text), message, "{text}");
    }
}

#[test]
fn operands_that_do_not_go_together_are_told() {
    let between = |rule: &str, low: &str, high: &str| {
        format!(
            "The BETWEEN operator requires {rule}; lower bound operand: AttributeValue: {low}, \
             upper bound operand: AttributeValue: {high}"
        )
    };
    let distinct = |op: &str| {
        format!(
            "The first operand must be distinct from the remaining operands for this operator or function; \
             operator: {op}, first operand: [a]"
        )
    };
    for (text, message) in [
        ("a = a", distinct("=")),
        ("contains(#a, a)", distinct("contains")),
        (
            "a BETWEEN :two AND :one",
            between("upper bound to be greater than or equal to lower bound", "{N:2}", "{N:1}"),
        ),
        ("a BETWEEN :one AND :x", between("same data type for lower and upper bounds", "{N:1}", "{S:x}")),
    ] {
        assert_eq!(refused(text), message, "{text}");
    }
}

#[test]
fn syntax_comes_before_names() {
    assert!(refused("name = :zz AND").starts_with("Syntax error"));
}

#[test]
fn length_and_operators_have_limits() {
    let many = |count: usize| vec!["a<b"; count].join(" OR ");
    assert!(parse_condition(Kind::Condition, &many(300), &mut bindings()).is_ok());
    assert_eq!(refused(&many(301)), "The expression contains too many operators; operator count: 301");
    let long = format!("{} = :one", "a".repeat(4089));
    assert_eq!(long.len(), 4096);
    assert!(parse_condition(Kind::Condition, &long, &mut bindings()).is_ok());
    assert!(refused(&format!("{long} ")).starts_with("Expression size has exceeded the maximum allowed size;"));
}

#[test]
fn depth_bombs_are_refused_and_legal_depth_is_not() {
    let nested = |depth: usize| format!("{}a<b{}", "a<b or (".repeat(depth), ")".repeat(depth));
    assert!(parse_condition(Kind::Condition, &nested(299), &mut bindings()).is_ok());
    for bomb in ["(".repeat(4096), "not ".repeat(1000), "size(".repeat(800), "a<(".repeat(1300)] {
        assert!(parse_condition(Kind::Condition, &bomb, &mut bindings()).is_err());
    }
}

#[test]
fn every_path_is_seen() {
    let text = "NOT (a = :one AND size(e.f) > b) OR c IN (d, :x) OR begins_with(g, :x) OR attribute_exists(h)";
    let mut roots = Vec::new();
    parse_condition(Kind::Filter, text, &mut bindings()).unwrap().each_path(&mut |p| roots.push(p.root.clone()));
    assert_eq!(roots, ["a", "e", "b", "c", "d", "g", "h"]);
}
