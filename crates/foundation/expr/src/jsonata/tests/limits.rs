//! What runs away is stopped.

use std::time::Duration;

use super::{evaluate, evaluate_within};
use crate::jsonata::{Expression, Limits};

#[test]
fn what_takes_too_much_fails() {
    let short = Limits { time: Duration::from_millis(200), ..Limits::default() };
    let small = Limits { items: 1000, bytes: 100_000, depth: 500, ..Limits::default() };
    for (text, limits) in [
        // Without end, and without growing deeper.
        ("($f := function() { $f() }; $f())", short),
        ("($f := function($n) { 1 + $f($n + 1) }; $f(0))", small),
        ("[1..100000]", small),
        ("$range(1, 100000, 1)", small),
        ("$map([1..999], function($x) { [1..999] })", small),
        ("$reduce([1..60], function($a, $b) { $a & $a }, 'x')", small),
        ("$reduce([1..60], function($a, $b) { $join([$a, $a]) }, 'x')", small),
        ("($d := $reduce([1..60], function($a) { [$a, $a] }, 1); $length($string($d)))", Limits::default()),
        ("($d := $reduce([1..60], function($a) { [$a, $a] }, 1); $length($d & 'x'))", Limits::default()),
        ("($s := $pad('x', 1e6); $length($replace($s, ' ', $s)))", Limits::default()),
        // Deep enough to overflow what takes values apart level by level.
        ("$reduce([1..100000], function($a, $b) { [[$a]] }, 1)", Limits::default()),
        ("$pad('x', 1e12)", Limits::default()),
        ("$pad('x', -1e12)", Limits::default()),
        // Small where it is shared, and huge where it is written.
        ("$reduce([1..60], function($a, $b) { {'l': $a, 'r': $a} }, 1)", small),
        ("$reduce([1..200], function($a, $b) { [[$a]] }, 1)", small),
    ] {
        let error = evaluate_within(text, limits).expect_err(text);
        assert!(!error.is_undefined(), "{text}: {error}");
    }
}

/// Of fuzzing: the engine cuts a text where there is none.
#[test]
fn what_the_engine_panics_at_fails() {
    let error = evaluate("$now('X[,wwwwjoin([(()Jad]')").unwrap_err();
    assert!(error.to_string().ends_with("threw an error during evaluation: The expression could not be evaluated"));
}

#[test]
fn what_is_within_the_limits_is_not_disturbed() {
    for text in [
        "($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(300)) = 300",
        "($f := function($n) { $n = 0 ? 0 : $f($n - 1) }; $f(5000)) = 0",
        "$count([1..100000]) = 100000",
        "$length($reduce([1..20], function($a, $b) { $a & $a }, 'x')) = 1048576",
        "$join(['a', 'b'], '-') = 'a-b'",
        "$join(['a', 'b']) = 'ab'",
        "$pad('x', -3, '#') = '##x'",
        "$string(1.5) = '1.5' and $string('a') = 'a' and $string([1]) = '[1]'",
        "[1, 2].$string() = ['1', '2']",
        "$map([1, 2], $string) = ['1', '2']",
        "$string({'a': 1}, true) = '{\\n  \"a\": 1\\n}'",
        "$replace('abab', 'a', 'x') = 'xbxb' and $replace('abab', /b/, '$0$0', 1) = 'abbab'",
        "['abab'].$replace('a', 'x') = 'xbxb'",
        "$replace('ab', /a/, function($m) { $uppercase($m.match) }) = 'Ab'",
        "['a', 'b'].$pad(3) = ['a  ', 'b  ']",
        "1 & 'a' & true & null & $nothing & [1] = '1atruenull[1]'",
    ] {
        let value = evaluate(text).unwrap();
        assert_eq!(value, true, "{text}");
    }
}

#[test]
fn texts_that_are_no_expressions_are_refused() {
    for text in ["", "(", "1 +", "$states.", "'open", "/* open", "{'a' 1}", "1 1"] {
        assert!(Expression::parse(text).is_err(), "{text}");
    }
    assert!(Expression::parse(&"(".repeat(100_000)).is_err());
    assert!(Expression::parse(&"[".repeat(100_000)).is_err());
    assert!(Expression::parse(&"-".repeat(100_000)).is_err());
}
