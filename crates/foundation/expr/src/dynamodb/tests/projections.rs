use super::*;

fn project(text: &str) -> Item {
    parse_projection(text, &mut bindings()).unwrap().apply(&item())
}

#[test]
fn a_projection_keeps_the_places_of_what_it_keeps() {
    assert_eq!(project("a, #n, zz"), map([("a", n("1")), ("name", s("n"))]));
    assert_eq!(project("e.f"), map([("e", AttributeValue::M(map([("f", n("5"))])))]));
    assert_eq!(project("d[2], d[0], d[9]"), map([("d", AttributeValue::L(vec![n("1"), n("3")]))]));
    assert_eq!(project("e.g[0]"), map([("e", AttributeValue::M(map([("g", AttributeValue::L(vec![s("h")]))])))]));
    assert_eq!(project("e.zz, a.b, d.x, c[0]"), Item::new());
}

#[test]
fn paths_that_get_in_each_others_way_are_refused() {
    let refused = |text: &str| parse_projection(text, &mut bindings()).unwrap_err().to_string();
    let clash = |how: &str, one: &str, two: &str| {
        format!(
            "Invalid ProjectionExpression: Two document paths {how} with each other; must remove or rewrite one of \
             these paths; path one: {one}, path two: {two}"
        )
    };
    assert_eq!(refused("a, a"), clash("overlap", "[a]", "[a]"));
    assert_eq!(refused("a, b, #a"), clash("overlap", "[a]", "[a]"));
    assert_eq!(refused("e.f, e"), clash("overlap", "[e, f]", "[e]"));
    assert_eq!(refused("e.f, e[1]"), clash("conflict", "[e, f]", "[e, [1]]"));
    assert_eq!(refused("a,"), "Invalid ProjectionExpression: Syntax error; token: \"<EOF>\", near: \",\"");
}
