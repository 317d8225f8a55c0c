//! One field of a cron expression in AWS's way of writing, as the calendar's library takes it: numbers and commas.

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    least: u16,
    most: u16,
    /// For the first values, from `least` on.
    names: &'static [&'static str],
}

pub(crate) const MINUTE: Field = Field { least: 0, most: 59, names: &[] };
pub(crate) const HOUR: Field = Field { least: 0, most: 23, names: &[] };
const DAY: Field = Field { least: 1, most: 31, names: &[] };
pub(crate) const MONTH: Field = Field { least: 1, most: 12, names: &MONTHS };
/// AWS: 1 is Sunday.
const WEEKDAY: Field = Field { least: 1, most: 7, names: &DAYS };
pub(crate) const YEAR: Field = Field { least: 1970, most: 2199, names: &[] };

impl Field {
    /// `*`, values, ranges, steps and lists of them.
    pub(crate) fn plain(self, raw: &str) -> Option<String> {
        if raw == "*" && self.most != YEAR.most {
            return Some(raw.to_owned());
        }
        let mut values: Vec<u16> = Vec::new();
        for part in raw.split(',') {
            values.extend(self.part(part)?);
        }
        values.sort_unstable();
        values.dedup();
        Some(values.iter().map(u16::to_string).collect::<Vec<_>>().join(","))
    }

    fn part(self, raw: &str) -> Option<Vec<u16>> {
        let (range, step) = match raw.split_once('/') {
            Some((range, step)) => (range, Some(number(step).filter(|step| (1..=self.span()).contains(step))?)),
            None => (raw, None),
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (self.least, self.most),
            (_, Some((first, last))) => (self.value(first)?, self.value(last)?),
            // AWS: 1/10 is every tenth from the first on.
            (one, None) if step.is_some() => (self.value(one)?, self.most),
            (one, None) => (self.value(one)?, self.value(one)?),
        };
        Some(self.range(first, last, step.unwrap_or(1)))
    }

    /// AWS: a range may go over the end, as in "20-2" for hours, which their own pages use.
    fn range(self, first: u16, last: u16, step: u16) -> Vec<u16> {
        let beyond = if first > last { self.span() } else { 0 };
        let wrap = |value| if value > self.most { value - self.span() } else { value };
        (first..=last + beyond).step_by(usize::from(step)).map(wrap).collect()
    }

    /// How many values there are.
    fn span(self) -> u16 {
        self.most - self.least + 1
    }

    fn value(self, raw: &str) -> Option<u16> {
        let named = (self.least..).zip(self.names).find(|(_, name)| name.eq_ignore_ascii_case(raw));
        named.map(|(value, _)| value).or_else(|| number(raw)).filter(|value| (self.least..=self.most).contains(value))
    }
}

/// Days of the month: also `L`, `LW` and `15W`, each by itself. `?`: any.
pub(crate) fn day(raw: &str) -> Option<String> {
    let raw = raw.to_ascii_uppercase();
    match raw.as_str() {
        "?" | "*" | "L" | "LW" => Some(raw),
        _ => match raw.strip_suffix('W') {
            Some(day) => DAY.value(day).map(|day| format!("{day}W")),
            None => DAY.plain(&raw),
        },
    }
}

/// Days of the week: also `L`, `6L` and `6#3`, each by itself. `?`: any.
pub(crate) fn weekday(raw: &str) -> Option<String> {
    let raw = raw.to_ascii_uppercase();
    match raw.as_str() {
        "?" | "*" => return Some(raw),
        // AWS: the last day of the week.
        "L" => return Some(WEEKDAY.most.to_string()),
        _ => {}
    }
    if let Some((day, nth)) = raw.split_once('#') {
        let nth = number(nth).filter(|nth| (1..=5).contains(nth))?;
        return WEEKDAY.value(day).map(|day| format!("{day}#{nth}"));
    }
    match raw.strip_suffix('L') {
        Some(day) => WEEKDAY.value(day).map(|day| format!("{day}#L")),
        None => WEEKDAY.plain(&raw),
    }
}

/// Digits only, four at most.
fn number(raw: &str) -> Option<u16> {
    let digits = (1..=4).contains(&raw.len()) && raw.bytes().all(|c| c.is_ascii_digit());
    digits.then(|| raw.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_out_as_numbers() {
        let cases = [
            (MINUTE.plain("0/20"), "0,20,40"),
            (MINUTE.plain("*/15"), "0,15,30,45"),
            (MINUTE.plain("5,35"), "5,35"),
            (HOUR.plain("20-2"), "0,1,2,20,21,22,23"),
            (HOUR.plain("20-2/3"), "2,20,23"),
            (MONTH.plain("NOV-feb"), "1,2,11,12"),
            (MONTH.plain("*/6"), "1,7"),
            (day("lw"), "LW"),
            (day("015W"), "15W"),
            (weekday("MON-FRI"), "2,3,4,5,6"),
            (weekday("fri-mon"), "1,2,6,7"),
            (weekday("SAT#3"), "7#3"),
            (weekday("FRIL"), "6#L"),
            (weekday("L"), "7"),
            (YEAR.plain("2190/5"), "2190,2195"),
        ];
        for (found, expected) in cases {
            assert_eq!(found.as_deref(), Some(expected));
        }
    }
}
