use super::*;

fn query(text: &str, range: Option<Type>) -> Result<KeyCondition, String> {
    let schema = KeySchema { hash: ("pk".into(), Type::S), range: range.map(|t| ("sk".to_owned(), t)) };
    let condition = parse_condition(Kind::KeyCondition, text, &mut bindings()).map_err(|e| e.to_string())?;
    KeyCondition::of(&condition, &schema).map_err(|e| e.to_string())
}

#[test]
fn key_conditions_select_a_partition_and_a_range() {
    let sort = |text: &str| query(&format!("pk = :x AND {text}"), Some(Type::N)).unwrap().sort.unwrap();
    assert_eq!(query("pk = :x", Some(Type::N)).unwrap(), KeyCondition { hash: s("x"), sort: None });
    assert_eq!(query(":x = pk", None).unwrap().hash, s("x"));
    assert_eq!(sort("sk < :two"), SortCondition::Compare(Comparison::Less, n("2")));
    assert_eq!(sort(":two > sk"), SortCondition::Compare(Comparison::Less, n("2")));
    assert_eq!(sort("sk BETWEEN :one AND :two"), SortCondition::Between(n("1"), n("2")));
    let swapped = query("(begins_with(sk, :xy)) AND (pk = :x)", Some(Type::S)).unwrap();
    assert_eq!(swapped.sort.unwrap(), SortCondition::BeginsWith(s("xy")));
}

#[test]
fn a_sort_condition_admits_keys() {
    let below = SortCondition::Compare(Comparison::Less, n("2"));
    assert!(below.admits(&n("1.9")) && !below.admits(&n("2")) && !below.admits(&s("1")));
    assert!(SortCondition::Between(n("1"), n("2")).admits(&n("2")));
    assert!(!SortCondition::BeginsWith(s("xy")).admits(&s("x")));
}

#[test]
fn the_wrong_ones_are_refused_in_awss_words() {
    const SCHEMA: &str =
        "One or more parameter values were invalid: Condition parameter type does not match schema type";
    for (text, message) in [
        ("sk = :one", "Query condition missed key schema element: pk"),
        ("third = :x", "Query condition missed key schema element: pk"),
        ("pk = :x AND third = :one", "Query condition missed key schema element: sk"),
        ("pk > :x", "Query key condition not supported"),
        ("begins_with(pk, :x)", "Query key condition not supported"),
        ("pk = :x OR sk = :one", "Invalid operator used in KeyConditionExpression: OR"),
        ("pk = :x AND NOT sk = :one", "Invalid operator used in KeyConditionExpression: NOT"),
        ("pk = :x AND sk <> :one", "Invalid operator used in KeyConditionExpression: <>"),
        ("pk = :x AND sk IN (:one)", "Invalid operator used in KeyConditionExpression: IN"),
        ("pk = :x AND attribute_exists(sk)", "Invalid operator used in KeyConditionExpression: attribute_exists"),
        ("pk = :x AND size(sk) = :one", "Invalid operator used in KeyConditionExpression: size"),
        ("pk = :x AND sk.a = :one", "KeyConditionExpressions cannot have conditions on nested attributes"),
        (
            "pk = :x AND sk > :one AND sk < :two",
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
        ),
        (
            "pk = :x AND sk > :one AND extra = :two",
            "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)",
        ),
        ("pk = :one", SCHEMA),
        ("pk = :x AND sk = :true", SCHEMA),
        ("pk = :x AND begins_with(sk, :x)", SCHEMA),
        (
            "pk = :x AND begins_with(sk, :one)",
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; \
             operator or function: begins_with, operand type: N",
        ),
        ("pk = sk", "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"),
        (":x = :xy", "Invalid condition in KeyConditionExpression: No key attribute specified"),
    ] {
        assert_eq!(query(text, Some(Type::N)).unwrap_err(), message, "{text}");
    }
    assert_eq!(query("pk = :x AND sk = :one", None).unwrap_err(), "Query key condition not supported");
}
