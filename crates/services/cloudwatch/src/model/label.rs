//! How results are named: what distinguishes them from each other, or what the request says.

use super::series::Series;

/// A metric as it is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) series: &'a Series,
    pub(crate) stat: &'a str,
    pub(crate) period: i64,
}

/// AWS: the metric's name, and beside it whatever isn't the same for all metrics of the request.
pub(crate) fn generated(all: &[Named<'_>], one: Named<'_>) -> String {
    let differs = |part: &dyn Fn(Named<'_>) -> String| all.iter().any(|other| part(*other) != part(one));
    let mut words = Vec::new();
    let namespace: &dyn Fn(Named<'_>) -> String = &|named| named.series.namespace.clone();
    if differs(namespace) {
        words.push(namespace(one));
    }
    words.extend(distinct_dimensions(all, one));
    words.push(one.series.name.clone());
    if differs(&|named| named.stat.to_owned()) {
        words.push(one.stat.to_owned());
    }
    if differs(&|named| named.period.to_string()) {
        words.push(one.period.to_string());
    }
    words.join(" ")
}

/// The values of those dimensions that others have otherwise or not at all.
fn distinct_dimensions<'a>(all: &'a [Named<'_>], one: Named<'a>) -> impl Iterator<Item = String> + 'a {
    let shared = |dimension: &(String, String)| all.iter().all(|other| other.series.dimensions.contains(dimension));
    one.series.dimensions.iter().filter(move |dimension| !shared(dimension)).map(|(_, value)| value.clone())
}

/// What a label's `${…}` stand for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dynamic<'a> {
    /// What it would be named by itself.
    pub(crate) generated: &'a str,
    pub(crate) named: Option<Named<'a>>,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    /// Of the points told, oldest first.
    pub(crate) values: &'a [f64],
}

/// AWS: `${LABEL}`, `${MAX}`, `${PROP('Dim.FunctionName')}` and the like. What isn't known stays as it is.
pub(crate) fn dynamic(label: &str, known: &Dynamic<'_>) -> String {
    let mut out = String::with_capacity(label.len());
    let mut rest = label;
    while let Some((before, behind)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            out.push_str("${");
            rest = behind;
            break;
        };
        match known.value(name.trim()) {
            Some(value) => out.push_str(&value),
            None => out.push_str(&format!("${{{name}}}")),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

impl Dynamic<'_> {
    fn value(&self, name: &str) -> Option<String> {
        if let Some(property) = name.strip_prefix("PROP('").and_then(|rest| rest.strip_suffix("')")) {
            return self.property(property);
        }
        let values = self.values;
        Some(match name {
            "LABEL" => self.generated.to_owned(),
            "DATAPOINT_COUNT" => values.len().to_string(),
            "FIRST" => shown(values.first().copied()),
            "LAST" => shown(values.last().copied()),
            "MIN" => shown(values.iter().copied().reduce(f64::min)),
            "MAX" => shown(values.iter().copied().reduce(f64::max)),
            "SUM" => shown((!values.is_empty()).then(|| values.iter().sum())),
            "AVG" => {
                let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
                shown((count > 0).then(|| values.iter().sum::<f64>() / f64::from(count)))
            }
            _ => return None,
        })
    }

    fn property(&self, name: &str) -> Option<String> {
        let named = self.named?;
        if let Some(dimension) = name.strip_prefix("Dim.") {
            return named.series.dimensions.iter().find(|(name, _)| name == dimension).map(|(_, value)| value.clone());
        }
        Some(match name {
            "AccountId" => self.account.to_owned(),
            "Region" => self.region.to_owned(),
            "MetricName" => named.series.name.clone(),
            "Namespace" => named.series.namespace.clone(),
            "Period" => named.period.to_string(),
            "Stat" => named.stat.to_owned(),
            _ => return None,
        })
    }
}

/// AWS: `--` where there is nothing.
fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "--".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, dimensions: &[(&str, &str)]) -> Series {
        let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Series::new("N".into(), name.into(), dimensions)
    }

    fn labels(all: &[Named<'_>]) -> Vec<String> {
        all.iter().map(|one| generated(all, *one)).collect()
    }

    /// Recorded: `test_label_generation`.
    #[test]
    fn a_label_says_what_distinguishes() {
        let metric = series("metric1", &[]);
        let named = |stat, period| Named { series: &metric, stat, period };
        assert_eq!(labels(&[named("Sum", 60), named("Minimum", 30)]), ["metric1 Sum 60", "metric1 Minimum 30"]);
        assert_eq!(labels(&[named("Sum", 60), named("Sum", 30)]), ["metric1 60", "metric1 30"]);
        assert_eq!(labels(&[named("Sum", 60), named("Minimum", 60)]), ["metric1 Sum", "metric1 Minimum"]);
        assert_eq!(labels(&[named("Sum", 60), named("Sum", 60)]), ["metric1", "metric1"]);
    }

    #[test]
    fn dimensions_distinguish_too() {
        let (one, two) = (series("m", &[("F", "a"), ("X", "same")]), series("m", &[("F", "b"), ("X", "same")]));
        let named = |series| Named { series, stat: "Sum", period: 60 };
        assert_eq!(labels(&[named(&one), named(&two)]), ["a m", "b m"]);
    }

    #[test]
    fn labels_with_values_in_them() {
        let metric = series("m", &[("F", "a")]);
        let named = Some(Named { series: &metric, stat: "Sum", period: 60 });
        let known =
            Dynamic { generated: "gen", named, account: "000000000000", region: "us-east-1", values: &[1.0, 4.0, 2.5] };
        for (label, expected) in [
            ("plain", "plain"),
            ("[max: ${MAX}, last: ${LAST}] ${LABEL}", "[max: 4, last: 2.5] gen"),
            ("${PROP('Dim.F')} ${PROP('Stat')} ${AVG}", "a Sum 2.5"),
            ("${DATAPOINT_COUNT}/${SUM}/${MIN}/${FIRST}", "3/7.5/1/1"),
            ("${UNKNOWN} ${PROP('Dim.G')} ${open", "${UNKNOWN} ${PROP('Dim.G')} ${open"),
        ] {
            assert_eq!(dynamic(label, &known), expected);
        }
        assert_eq!(dynamic("${MAX}", &Dynamic { values: &[], ..known }), "--");
    }
}
