//! How far to the right nodes stand: near what they are linked with, and never on top of each other.
#![allow(clippy::indexing_slicing, reason = "nodes are numbered, and all lists here are as long as there are nodes")]

use super::order::{Layers, count};

const ROUNDS: usize = 12;

/// The middles of all nodes. `widths` are theirs; `apart`: how much is left between two.
pub(super) fn middles(layers: &Layers, widths: &[f64], apart: f64) -> Vec<f64> {
    let mut x = vec![0.0; widths.len()];
    for layer in &layers.layers {
        let mut right = 0.0;
        for node in layer {
            x[*node] = right + widths[*node] / 2.0;
            right += widths[*node] + apart;
        }
    }
    let depth = layers.layers.len();
    for round in 0..ROUNDS {
        let last = round + 3 >= ROUNDS;
        for step in 0..depth {
            let layer = if round % 2 == 0 { step } else { depth - 1 - step };
            let wishes: Vec<(f64, f64)> =
                layers.layers[layer].iter().map(|node| wish(layers, *node, &x, (round % 2 == 0, last))).collect();
            settle(&layers.layers[layer], &wishes, (widths, apart), &mut x);
        }
    }
    x
}

/// Where a node would like to stand, and how much it minds.
fn wish(layers: &Layers, node: usize, x: &[f64], (down, both): (bool, bool)) -> (f64, f64) {
    let (above, below) = (&layers.above[node], &layers.below[node]);
    let near = |nodes: &[usize]| (nodes.iter().map(|one| x[*one]).sum::<f64>(), nodes.len());
    let (sum, number) = match (down, both) {
        (_, true) if node < layers.nodes => {
            let (a, b) = (near(above), near(below));
            (a.0 + b.0, a.1 + b.1)
        }
        // Links go straight down.
        (true, _) | (_, true) => near(above),
        (false, false) => near(below),
    };
    match (number, layers.beside[node]) {
        (_, Some(owner)) => (x[owner], 0.1),
        (0, None) => (x[node], 0.1),
        // What links pass through minds most: bends are ugly.
        (_, None) if node >= layers.nodes => (sum / count(number), 4.0),
        (_, None) => (sum / count(number), 1.0),
    }
}

/// A run of nodes that stand as close as they may: the sum of their weighted wishes, their weight, and how many they are.
#[derive(Clone, Copy)]
struct Run {
    sum: f64,
    weight: f64,
    nodes: usize,
}

impl Run {
    fn at(self) -> f64 {
        self.sum / self.weight
    }
}

/// Meets all wishes as well as can be in the given order: least squares, by joining neighbours that would overlap.
fn settle(layer: &[usize], wishes: &[(f64, f64)], (widths, apart): (&[f64], f64), x: &mut [f64]) {
    let mut shifts = Vec::with_capacity(layer.len());
    let mut shift = 0.0;
    for (at, node) in layer.iter().enumerate() {
        if at > 0 {
            shift += (widths[layer[at - 1]] + widths[*node]) / 2.0 + apart;
        }
        shifts.push(shift);
    }
    let mut runs: Vec<Run> = Vec::new();
    for ((wish, weight), shift) in wishes.iter().zip(&shifts) {
        let mut run = Run { sum: (wish - shift) * weight, weight: *weight, nodes: 1 };
        while let Some(before) = runs.pop_if(|before| before.at() >= run.at()) {
            run =
                Run { sum: run.sum + before.sum, weight: run.weight + before.weight, nodes: run.nodes + before.nodes };
        }
        runs.push(run);
    }
    let places = runs.iter().flat_map(|run| std::iter::repeat_n(run.at(), run.nodes));
    for ((node, shift), place) in layer.iter().zip(&shifts).zip(places) {
        x[*node] = place + shift;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_met_without_overlap() {
        let mut x = vec![0.0; 3];
        settle(&[0, 1, 2], &[(50.0, 1.0), (50.0, 1.0), (200.0, 1.0)], (&[10.0, 10.0, 10.0], 10.0), &mut x);
        assert_eq!(x, [40.0, 60.0, 200.0]);
    }
}
