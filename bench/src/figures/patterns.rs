//! Event patterns: one event against all rules of a bus, which must cost what the event is large and not what the rules
//! are many.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};
use updraft_expr::pattern::{Pattern, RuleSet};

use crate::report::{Bar, Figure, Unit};
use crate::turns::in_turn;
use crate::world::World;

const FEW: usize = 1_000;
const MANY: usize = 10_000;
const EVENTS: usize = 1_000;

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let (few, many) = (Bus::new(FEW)?, Bus::new(MANY)?);
    let (count, alone) = (world.size(200_000, 50_000), world.size(2_000, 500));
    let [of_few, of_many, with_reading, one_by_one] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(few.rate(count, |event| few.rules.matching(event).len()))),
            Box::new(|| Ok(many.rate(count, |event| many.rules.matching(event).len()))),
            Box::new(|| Ok(few.rate_of_texts(count))),
            Box::new(|| {
                let matching = |event: &Value| few.patterns.iter().filter(|pattern| pattern.matches(event)).count();
                Ok(few.rate(alone, matching))
            }),
        ],
    )?;
    let named = |bus: &Bus| {
        format!("patterns: events against {} rules, one core ({:.1} match)", bus.rules.len(), bus.matches_of_one())
    };
    Ok(vec![
        Figure::new(named(&few), of_few, Unit::PerSecond).within(Bar::AtLeast(100_000.0)).against(
            "each rule by itself",
            one_by_one,
            Bar::Recorded,
        ),
        Figure::new(named(&many), of_many, Unit::PerSecond).against("1,000 rules", of_few, Bar::AtLeast(0.5)),
        Figure::new("patterns: the same with 1,000 rules, read from JSON", with_reading, Unit::PerSecond),
    ])
}

struct Bus {
    rules: RuleSet<usize>,
    patterns: Vec<Pattern>,
    events: Vec<Value>,
    texts: Vec<String>,
}

impl Bus {
    fn new(count: usize) -> Result<Self> {
        let patterns =
            (0..count).map(|n| Ok(Pattern::parse(&pattern(n).to_string())?)).collect::<Result<Vec<Pattern>>>()?;
        // Any rule's values come as often as any other's, so that as many rules match, however many there are.
        let events: Vec<Value> = (0..EVENTS).map(|n| event(n, n * 7_919 % count)).collect();
        let texts = events.iter().map(Value::to_string).collect();
        Ok(Self { rules: patterns.iter().cloned().enumerate().collect(), patterns, events, texts })
    }

    fn rate(&self, count: usize, matching: impl Fn(&Value) -> usize) -> f64 {
        rate(self.events.iter(), count, |event| matching(event))
    }

    fn rate_of_texts(&self, count: usize) -> f64 {
        rate(self.texts.iter(), count, |text| {
            serde_json::from_str(text).map_or(0, |event: Value| self.rules.matching(&event).len())
        })
    }

    fn matches_of_one(&self) -> f64 {
        let all: usize = self.events.iter().map(|event| self.rules.matching(event).len()).sum();
        as_f64(all) / as_f64(self.events.len())
    }
}

fn rate<'a, T: 'a>(of: impl Iterator<Item = &'a T> + Clone, count: usize, work: impl Fn(&T) -> usize) -> f64 {
    let start = Instant::now();
    of.cycle().take(count).for_each(|one| {
        black_box(work(black_box(one)));
    });
    as_f64(count) / start.elapsed().as_secs_f64()
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// One of ten kinds, with values of its own.
fn pattern(n: usize) -> Value {
    let source = format!("com.example.app{}", n % 50);
    let tenant = format!("tenant-{n}");
    match n % 10 {
        0 => {
            json!({"source": [source], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [format!("bucket-{n}")]}}})
        }
        1 => json!({"source": [source], "detail": {"object": {"key": [{"prefix": format!("in/{n}/")}]}}}),
        2 => {
            json!({"detail": {"object": {"key": [{"suffix": format!("-{n}.png")}], "size": [{"numeric": [">", 100]}]}}})
        }
        3 => json!({"source": [source], "detail": {"amount": [{"numeric": [">=", n, "<", n + 10]}]}}),
        4 => json!({"detail": {"tenant": [tenant], "state": [{"anything-but": ["failed", "stopped"]}]}}),
        5 => {
            json!({"detail-type": ["Object Created"], "detail": {"object": {"key": [{"wildcard": format!("*/{n}/*.png")}]}}})
        }
        6 => json!({"detail": {"ip": [{"cidr": format!("10.{}.{}.0/24", n / 256, n % 256)}]}}),
        7 => json!({"detail": {"tenant": [tenant], "error": [{"exists": false}]}}),
        8 => {
            json!({"source": [source], "$or": [{"detail": {"tenant": [tenant]}}, {"detail": {"user": [{"equals-ignore-case": format!("USER-{n}")}]}}]})
        }
        _ => {
            json!({"resources": [format!("arn:aws:s3:::bucket-{n}")], "detail": {"items": {"sku": [format!("sku-{n}")], "count": [{"numeric": [">", 1]}]}}})
        }
    }
}

/// With the values of the rule `n`.
fn event(number: usize, n: usize) -> Value {
    json!({
        "version": "0",
        "id": format!("00000000-0000-4000-8000-{number:012}"),
        "detail-type": if number.is_multiple_of(3) { "Order Placed" } else { "Object Created" },
        "source": format!("com.example.app{}", n % 50),
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [format!("arn:aws:s3:::bucket-{n}")],
        "detail": {
            "bucket": {"name": format!("bucket-{n}")},
            "object": {"key": format!("in/{n}/photo-{n}.png"), "size": 5000, "etag": "d41d8cd98f00b204e9800998ecf8427e"},
            "amount": n,
            "tenant": format!("tenant-{n}"),
            "user": format!("user-{n}"),
            "state": "running",
            "ip": format!("10.{}.{}.7", n / 256, n % 256),
            "items": [{"sku": "sku-x", "count": 5}, {"sku": format!("sku-{n}"), "count": number % 4}],
        },
    })
}
