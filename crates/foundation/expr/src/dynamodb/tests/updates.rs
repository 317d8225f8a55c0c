use super::*;

fn update(text: &str) -> Result<Item, String> {
    let update = parse_update(text, &mut bindings()).map_err(|e| e.to_string())?;
    update.apply(&item()).map_err(|e| e.to_string())
}

/// Attribute `name` after the update.
fn after(text: &str, name: &str) -> Option<AttributeValue> {
    update(text).unwrap_or_else(|e| panic!("{text}: {e}")).get(name).cloned()
}

fn list(values: &[AttributeValue]) -> Option<AttributeValue> {
    Some(AttributeValue::L(values.to_vec()))
}

#[test]
fn set_assigns() {
    assert_eq!(after("SET a = :x", "a"), Some(s("x")));
    assert_eq!(after("set a = a + :two, fresh = a", "a"), Some(n("3")));
    assert_eq!(after("set a = a + :two, fresh = a", "fresh"), Some(n("1")), "from the item as it was");
    assert_eq!(after("SET a = :one - :two", "a"), Some(n("-1")));
    assert_eq!(after("SET a = (:one + :two)", "a"), Some(n("3")));
    assert_eq!(after("SET a = ((a) - :one)", "a"), Some(n("0")));
    assert!(update("SET a = (:one + :two) + :one").unwrap_err().contains("Syntax error"), "a sum is no operand");
    assert_eq!(after("SET fresh = if_not_exists(fresh, :one) + :one", "fresh"), Some(n("2")));
    assert_eq!(after("SET a = if_not_exists(a, :x)", "a"), Some(n("1")));
    assert_eq!(after("SET d = list_append(d, :list)", "d"), list(&[n("1"), s("two"), n("3"), n("9")]));
    assert_eq!(after("SET l = list_append(if_not_exists(l, :list), :list)", "l"), list(&[n("9"), n("9")]));
    assert_eq!(after("SET d[1] = :x", "d"), list(&[n("1"), s("x"), n("3")]));
    assert_eq!(after("SET d[9] = :x, d[7] = :one", "d"), list(&[n("1"), s("two"), n("3"), n("1"), s("x")]));
    let e = map([("f", n("5")), ("g", AttributeValue::L(vec![n("5")]))]);
    assert_eq!(after("SET e.g[0] = e.f", "e"), Some(AttributeValue::M(e)));
}

#[test]
fn remove_add_and_delete_change() {
    assert_eq!(after("REMOVE a", "a"), None);
    assert_eq!(after("REMOVE d[0], d[2], d[8]", "d"), list(&[s("two")]));
    assert_eq!(after("REMOVE e.zz, zz", "e"), item().get("e").cloned());
    assert_eq!(after("ADD a :two", "a"), Some(n("3")));
    assert_eq!(after("ADD fresh :two", "fresh"), Some(n("2")));
    assert!(after("ADD c :z", "c").unwrap().same(&ss(&["x", "y", "z"])));
    assert_eq!(after("DELETE c :set", "c"), None, "no empty sets");
    assert_eq!(after("DELETE c :z", "c"), Some(ss(&["x", "y"])));
    assert_eq!(after("DELETE zz :z", "zz"), None);
    assert_eq!(after("SET a = :x REMOVE b ADD c :z DELETE zz :z", "b"), None);
}

#[test]
fn the_item_may_not_fit() {
    const PATH: &str = "The document path provided in the update expression is invalid for update";
    const OPERAND: &str = "An operand in the update expression has an incorrect data type";
    const MISSING: &str = "The provided expression refers to an attribute that does not exist in the item";
    for (text, message) in [
        ("SET zz.a = :x", PATH),
        ("SET a.b = :x", PATH),
        ("SET d.b = :x", PATH),
        ("SET e[0] = :x", PATH),
        ("SET d[8].x = :x", PATH),
        ("REMOVE zz.a", PATH),
        ("SET a = zz", MISSING),
        ("SET a = zz + :one", MISSING),
        ("SET a = b + :one", OPERAND),
        ("SET a = list_append(a, :list)", OPERAND),
        ("ADD b :one", OPERAND),
        ("ADD a :set", OPERAND),
        ("DELETE a :set", OPERAND),
    ] {
        assert_eq!(update(text).unwrap_err(), message, "{text}");
    }
}

#[test]
fn the_wrong_ones_are_refused_in_awss_words() {
    let operand = |op: &str, found: &str| {
        format!("Incorrect operand type for operator or function; operator or function: {op}, operand type: {found}")
    };
    let set = |op: &str, found: &str| {
        format!(
            "Incorrect operand type for operator or function; operator: {op}, operand type: {found}, \
             typeSet: ALLOWED_FOR_{op}_OPERAND"
        )
    };
    let clash = |how: &str, one: &str, two: &str| {
        format!(
            "Two document paths {how} with each other; must remove or rewrite one of these paths; \
             path one: {one}, path two: {two}"
        )
    };
    for (text, message) in [
        ("", "The expression can not be empty;".to_owned()),
        ("INVALID SYNTAX HERE", "Syntax error; token: \"INVALID\", near: \"INVALID SYNTAX\"".to_owned()),
        ("ADD hits : incr", "Syntax error; token: \":\", near: \"hits : incr\"".to_owned()),
        ("SET a", "Syntax error; token: \"<EOF>\", near: \"a\"".to_owned()),
        ("SET a = :x,", "Syntax error; token: \"<EOF>\", near: \",\"".to_owned()),
        ("SET a = :x SET b = :x", "The \"SET\" section can only be used once in an update expression;".to_owned()),
        ("SET name = :x", "Attribute name is a reserved keyword; reserved keyword: name".to_owned()),
        ("SET a = :x, a = :x", clash("overlap", "[a]", "[a]")),
        ("SET a = :x REMOVE a.b", clash("overlap", "[a]", "[a, b]")),
        ("SET e.f = :x REMOVE e[0]", clash("conflict", "[e, f]", "[e, [0]]")),
        ("ADD a :x", set("ADD", "STRING")),
        ("DELETE a :one", set("DELETE", "NUMBER")),
        ("SET a = :x + :one", operand("+", "S")),
        ("SET a = b - :true", operand("-", "BOOL")),
        ("SET a = list_append(b, :x)", operand("list_append", "S")),
        ("SET a = size(b)", "The function is not allowed in an update expression; function: size".to_owned()),
        ("SET a = foo(b)", "Invalid function name; function: foo".to_owned()),
        (
            "SET a = if_not_exists(:x, :x)",
            "Operator or function requires a document path; operator or function: if_not_exists".to_owned(),
        ),
        (
            "SET a = if_not_exists(b)",
            "Incorrect number of operands for operator or function; operator or function: if_not_exists, \
             number of operands: 1"
                .to_owned(),
        ),
    ] {
        assert_eq!(update(text).unwrap_err(), format!("Invalid UpdateExpression: {message}"), "{text}");
    }
}

#[test]
fn depth_bombs_are_refused() {
    for bomb in ["(".repeat(2000), "list_append(".repeat(299), "if_not_exists(a,".repeat(250)] {
        assert!(update(&format!("SET a = {bomb}")).is_err());
    }
}
