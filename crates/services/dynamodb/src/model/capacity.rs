//! Capacity units, as AWS counts them.

use std::collections::BTreeMap;

use updraft_api_dynamodb::types::{Capacity, ConsumedCapacity, ReturnConsumedCapacity};

const READ_UNIT: usize = 4096;
const WRITE_UNIT: usize = 1024;

/// What reading `bytes` costs: one unit for 4 KiB, half of that if it needn't be consistent.
pub(crate) fn read_units(bytes: usize, consistent: bool) -> f64 {
    let units = whole(bytes.div_ceil(READ_UNIT).max(1));
    if consistent { units } else { units / 2.0 }
}

/// What writing costs, given the item's size before and after.
pub(crate) fn write_units(before: usize, after: usize) -> f64 {
    whole(before.max(after).div_ceil(WRITE_UNIT).max(1))
}

fn whole(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// What one request has used of a table and its indexes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Consumed {
    pub(crate) table: f64,
    pub(crate) locals: BTreeMap<String, f64>,
    pub(crate) globals: BTreeMap<String, f64>,
}

/// Whether units are of reading or writing; transactions tell, other requests don't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    No,
    Read,
    Write,
}

impl Consumed {
    pub(crate) fn of_table(units: f64) -> Self {
        Self { table: units, ..Self::default() }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.table += other.table;
        for (name, units) in other.locals {
            *self.locals.entry(name).or_default() += units;
        }
        for (name, units) in other.globals {
            *self.globals.entry(name).or_default() += units;
        }
    }

    /// Transactions cost twice.
    pub(crate) fn doubled(mut self) -> Self {
        let again = self.clone();
        self.add(again);
        self
    }

    fn total(&self) -> f64 {
        self.table + self.locals.values().chain(self.globals.values()).sum::<f64>()
    }

    /// The answer's member, if it was asked for.
    pub(crate) fn report(
        &self,
        table_name: &str,
        asked: Option<&ReturnConsumedCapacity>,
        told: Told,
    ) -> Option<ConsumedCapacity> {
        let indexes = match asked {
            Some(ReturnConsumedCapacity::Indexes) => true,
            Some(ReturnConsumedCapacity::Total) => false,
            _ => return None,
        };
        let mut out = figures(self.total(), told);
        out.table_name = Some(table_name.to_owned());
        if indexes {
            out.table = Some(capacity(self.table, told));
            out.local_secondary_indexes = by_name(&self.locals, told);
            out.global_secondary_indexes = by_name(&self.globals, told);
        }
        Some(out)
    }
}

fn figures(units: f64, told: Told) -> ConsumedCapacity {
    let Capacity { read_capacity_units, write_capacity_units, capacity_units } = capacity(units, told);
    ConsumedCapacity { capacity_units, read_capacity_units, write_capacity_units, ..ConsumedCapacity::default() }
}

fn capacity(units: f64, told: Told) -> Capacity {
    Capacity {
        capacity_units: Some(units),
        read_capacity_units: (told == Told::Read).then_some(units),
        write_capacity_units: (told == Told::Write).then_some(units),
    }
}

fn by_name(units: &BTreeMap<String, f64>, told: Told) -> Option<BTreeMap<String, Capacity>> {
    let all: BTreeMap<_, _> = units.iter().map(|(name, units)| (name.clone(), capacity(*units, told))).collect();
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "halves are exact")]
    fn both_sides_of_a_unit() {
        for (bytes, units) in [(0, 1.0), (4096, 1.0), (4097, 2.0)] {
            assert_eq!(read_units(bytes, true), units);
            assert_eq!(read_units(bytes, false), units / 2.0);
        }
        assert_eq!(write_units(1024, 1), 1.0);
        assert_eq!(write_units(1, 1025), 2.0);
    }

    #[test]
    fn what_is_told_depends_on_what_is_asked() {
        let mut used = Consumed::of_table(1.0);
        used.add(Consumed { globals: BTreeMap::from([("g".into(), 2.0)]), ..Consumed::default() });
        assert_eq!(used.report("t", None, Told::No), None);
        let total = used.report("t", Some(&ReturnConsumedCapacity::Total), Told::No).unwrap();
        assert_eq!((total.capacity_units, total.table), (Some(3.0), None));
        let indexes = used.doubled().report("t", Some(&ReturnConsumedCapacity::Indexes), Told::Write).unwrap();
        assert_eq!(indexes.write_capacity_units, Some(6.0));
        assert_eq!(indexes.global_secondary_indexes.unwrap()["g"].write_capacity_units, Some(4.0));
    }
}
