//! How numbers are made: every contender in turn, round after round, and the median of each.

use std::time::Duration;

use anyhow::Result;

/// One contender: measures itself once. The number's unit is the figure's.
pub(crate) type Contender<'a> = Box<dyn FnMut() -> Result<f64> + 'a>;

/// A B C A B C …: the medians, in the order of the contenders. The first round only warms up.
///
/// # Errors
/// If a contender fails.
pub(crate) fn in_turn<const N: usize>(rounds: usize, mut contenders: [Contender<'_>; N]) -> Result<[f64; N]> {
    let mut samples: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    for round in 0..=rounds {
        for (contender, into) in contenders.iter_mut().zip(&mut samples) {
            let value = contender()?;
            if round > 0 {
                into.push(value);
            }
        }
    }
    Ok(samples.map(median))
}

/// The median; of an empty list 0.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The median in microseconds.
pub(crate) fn p50(latencies: &[Duration]) -> f64 {
    median(latencies.iter().map(|latency| latency.as_secs_f64() * 1e6).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contenders_take_turns_and_the_first_round_does_not_count() {
        let order = std::cell::RefCell::new(String::new());
        let contender = |name: char, mut value: f64| -> Contender<'_> {
            let order = &order;
            Box::new(move || {
                order.borrow_mut().push(name);
                value += 1.0;
                Ok(value)
            })
        };
        let found = in_turn(3, [contender('a', 0.0), contender('b', 100.0)]).unwrap();
        assert_eq!(*order.borrow(), "abababab");
        assert!((found[0] - 3.0).abs() < 1e-9 && (found[1] - 103.0).abs() < 1e-9);
    }
}
