//! In which order nodes stand within their layers: as few links as can be cross.
#![allow(clippy::indexing_slicing, reason = "nodes are numbered, and all lists here are as long as there are nodes")]

/// How often layers are gone through, down and up.
const ROUNDS: usize = 6;

/// What layers are ordered by.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) layers: Vec<Vec<usize>>,
    /// Of each node, those it is linked with in the layer above, and in the one below.
    pub(super) above: Vec<Vec<usize>>,
    pub(super) below: Vec<Vec<usize>>,
    /// Of a node that has to stand beside another in its layer: which.
    pub(super) beside: Vec<Option<usize>>,
    /// So many are nodes; what follows are stepping stones of links.
    pub(super) nodes: usize,
}

impl Layers {
    pub(super) fn ordered(mut self) -> Self {
        self.keep_beside();
        let (mut best, mut fewest) = (self.layers.clone(), self.crossings());
        for round in 0..ROUNDS * 2 {
            if fewest == 0 {
                break;
            }
            self.sweep(round % 2 == 0);
            self.keep_beside();
            let crossings = self.crossings();
            if crossings < fewest {
                (best, fewest) = (self.layers.clone(), crossings);
            }
        }
        self.layers = best;
        self
    }

    /// Each node goes to the middle of those it is linked with in the layer before.
    fn sweep(&mut self, down: bool) {
        let mut place = self.places();
        let order: Vec<usize> =
            if down { (0..self.layers.len()).collect() } else { (0..self.layers.len()).rev().collect() };
        for layer in order {
            let linked = if down { &self.above } else { &self.below };
            let middle = |node: usize| {
                let near = &linked[node];
                let sum: f64 = near.iter().map(|one| place[*one]).sum();
                if near.is_empty() { place[node] } else { sum / count(near.len()) }
            };
            let mut nodes: Vec<(f64, usize)> = self.layers[layer].iter().map(|node| (middle(*node), *node)).collect();
            nodes.sort_by(|a, b| a.0.total_cmp(&b.0));
            self.layers[layer] = nodes.into_iter().map(|(_, node)| node).collect();
            self.layers[layer].iter().enumerate().for_each(|(at, node)| place[*node] = count(at));
        }
    }

    fn keep_beside(&mut self) {
        for layer in &mut self.layers {
            let (bound, mut free): (Vec<usize>, Vec<usize>) =
                layer.iter().partition(|node| self.beside[**node].is_some());
            for node in bound.into_iter().rev() {
                let at = free.iter().position(|one| Some(*one) == self.beside[node]);
                free.insert(at.map_or(free.len(), |at| at + 1), node);
            }
            *layer = free;
        }
    }

    fn places(&self) -> Vec<f64> {
        let mut place = vec![0.0; self.above.len()];
        for layer in &self.layers {
            layer.iter().enumerate().for_each(|(at, node)| place[*node] = count(at));
        }
        place
    }

    fn crossings(&self) -> usize {
        let place = self.places();
        let mut crossings = 0;
        for layer in &self.layers {
            // Ends in the layer below, of links from left to right: those before that lie further right are crossed.
            let mut ends: Vec<f64> = Vec::new();
            for node in layer {
                let mut own: Vec<f64> = self.below[*node].iter().map(|to| place[*to]).collect();
                crossings += own.iter().map(|end| ends.len() - ends.partition_point(|one| one <= end)).sum::<usize>();
                ends.append(&mut own);
                ends.sort_by(f64::total_cmp);
            }
        }
        crossings
    }
}

/// Of nodes: there are few.
pub(super) fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossed_links_are_uncrossed() {
        // 0 leads to 3 and 1 to 2, which stand the other way round.
        let layers = Layers {
            layers: vec![vec![0, 1], vec![2, 3]],
            above: vec![vec![], vec![], vec![1], vec![0]],
            below: vec![vec![3], vec![2], vec![], vec![]],
            beside: vec![None; 4],
            nodes: 4,
        };
        assert_eq!(layers.crossings(), 1);
        let ordered = layers.ordered();
        assert_eq!(ordered.crossings(), 0);
    }
}
