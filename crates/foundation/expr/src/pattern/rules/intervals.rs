//! Ranges of numbers and of addresses: those that a value lies in.

use std::net::IpAddr;
use std::ops::Range as Interval;

use iset::IntervalMap;

use super::keyed::{self, Ids};

/// Intervals have their first place and not their last: `true` is the place just behind a value.
pub(super) type NumberPlace = (i64, bool);
/// Addresses of version 6 are apart from the others.
pub(super) type AddressPlace = (bool, u128, bool);

#[derive(Debug)]
pub(super) struct Intervals<T: PartialOrd + Copy>(IntervalMap<T, Ids>);

impl<T: PartialOrd + Copy> Default for Intervals<T> {
    fn default() -> Self {
        Self(IntervalMap::new())
    }
}

impl<T: PartialOrd + Copy> Intervals<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn set(&mut self, interval: Interval<T>, id: usize, wanted: bool) {
        // Nothing lies in such.
        if interval.is_empty() {
            return;
        }
        let mut ids = self.0.remove(interval.clone()).unwrap_or_default();
        keyed::set(&mut ids, id, wanted);
        if !ids.is_empty() {
            self.0.insert(interval, ids);
        }
    }

    pub(super) fn find(&self, place: T, found: &mut Ids) {
        for ids in self.0.values_overlap(place) {
            found.extend_from_slice(ids);
        }
    }
}

pub(super) fn address_place(address: IpAddr, behind: bool) -> AddressPlace {
    match address {
        IpAddr::V4(address) => (false, address.to_bits().into(), behind),
        IpAddr::V6(address) => (true, address.to_bits(), behind),
    }
}
