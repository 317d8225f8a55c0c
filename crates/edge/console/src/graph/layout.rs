//! A layered layout: ranks, dummies where links pass by, order, places, and the ways of the links.
#![allow(clippy::indexing_slicing, reason = "nodes are numbered, and all lists here are as long as there are nodes")]

use super::order::Layers;
use super::place::middles;
use super::ranks::{Span, back, longest};
use super::route::{self, Stop};

/// Between two nodes of a layer.
const APART: f64 = 22.0;
/// Between two layers.
const LAYERS_APART: f64 = 24.0;

#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A link, with the size of what is written at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: Option<Size>,
}

#[derive(Debug, Default)]
pub(super) struct Laid {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The upper left corners of the nodes.
    pub(super) corners: Vec<(f64, f64)>,
    /// Of each link: its way in SVG's words, and the middle of its label.
    pub(super) ways: Vec<(String, Option<(f64, f64)>)>,
}

/// The nodes, and what stands in for links that pass a layer.
struct Net {
    nodes: usize,
    sizes: Vec<Size>,
    ranks: Vec<usize>,
    beside: Vec<Option<usize>>,
    /// Of each link the nodes it goes through, from above to below; whether it really goes up; where its label is.
    chains: Vec<(Vec<usize>, bool, Option<usize>)>,
}

pub(super) fn lay_out(sizes: &[Size], links: &[Link]) -> Laid {
    let net = net(sizes, links);
    let layers = layers(&net).ordered();
    let widths: Vec<f64> = net.sizes.iter().map(|size| size.width).collect();
    let mut x = middles(&layers, &widths, APART);
    let left = x.iter().zip(&widths).map(|(x, width)| x - width / 2.0).fold(f64::MAX, f64::min);
    x.iter_mut().for_each(|x| *x -= left);
    let mut bands = Vec::with_capacity(layers.layers.len());
    let mut top = 0.0;
    for layer in &layers.layers {
        let height = layer.iter().map(|node| net.sizes[*node].height).fold(0.0, f64::max);
        bands.push((top, top + height));
        top += height + LAYERS_APART;
    }
    let stop = |node: usize| {
        let (top, bottom) = bands[net.ranks[node]];
        Stop { x: x[node], size: net.sizes[node], top, bottom }
    };
    let ways = net.chains.iter().map(|(chain, up, label)| {
        let stops: Vec<Stop> = chain.iter().map(|node| stop(*node)).collect();
        let label = label.map(|node| (stop(node).x, stop(node).middle()));
        (if *up { route::back(&stops) } else { route::down(&stops) }, label)
    });
    let right = x.iter().zip(&widths).map(|(x, width)| x + width / 2.0).fold(0.0, f64::max);
    Laid {
        width: right,
        height: (top - LAYERS_APART).max(0.0),
        ways: ways.collect(),
        corners: (0..sizes.len()).map(|node| stop(node).corner()).collect(),
    }
}

fn net(sizes: &[Size], links: &[Link]) -> Net {
    let spans: Vec<Span> = links
        .iter()
        .map(|link| Span { from: link.from, to: link.to, least: if link.label.is_some() { 2 } else { 1 } })
        .collect();
    let up = back(sizes.len(), &spans);
    let downward: Vec<Span> = spans
        .iter()
        .zip(&up)
        .filter(|(span, _)| span.from != span.to)
        .map(|(span, up)| if *up { Span { from: span.to, to: span.from, ..*span } } else { *span })
        .collect();
    let ranks = longest(sizes.len(), &downward);
    let mut net =
        Net { nodes: sizes.len(), sizes: sizes.to_vec(), beside: vec![None; sizes.len()], ranks, chains: Vec::new() };
    for (link, up) in links.iter().zip(up) {
        net.pass(*link, up);
    }
    net
}

impl Net {
    /// Lays the stepping stones of a link.
    fn pass(&mut self, link: Link, up: bool) {
        let (upper, lower) = if up { (link.to, link.from) } else { (link.from, link.to) };
        let thin = Size { width: 2.0, height: 0.0 };
        let mut chain = vec![upper];
        if up {
            chain.push(self.stone(self.ranks[upper], thin, Some(upper)));
        }
        let mut label = None;
        for rank in self.ranks[upper] + 1..self.ranks[lower] {
            let written = link.label.filter(|_| label.is_none());
            let stone = self.stone(rank, written.unwrap_or(thin), None);
            label = label.or(written.map(|_| stone));
            chain.push(stone);
        }
        if up && upper != lower {
            chain.push(self.stone(self.ranks[lower], thin, Some(lower)));
        }
        chain.push(lower);
        self.chains.push((chain, up, label));
    }

    fn stone(&mut self, rank: usize, size: Size, beside: Option<usize>) -> usize {
        self.sizes.push(size);
        self.ranks.push(rank);
        self.beside.push(beside);
        self.sizes.len() - 1
    }
}

fn layers(net: &Net) -> Layers {
    let nodes = net.sizes.len();
    let depth = net.ranks.iter().max().map_or(0, |last| last + 1);
    let mut layers = Layers {
        layers: vec![Vec::new(); depth],
        above: vec![Vec::new(); nodes],
        below: vec![Vec::new(); nodes],
        beside: net.beside.clone(),
        nodes: net.nodes,
    };
    for (chain, ..) in &net.chains {
        for pair in chain.windows(2).filter(|pair| net.ranks[pair[0]] != net.ranks[pair[1]]) {
            layers.below[pair[0]].push(pair[1]);
            layers.above[pair[1]].push(pair[0]);
        }
    }
    // At first as one comes to them, way by way.
    let mut seen = vec![false; nodes];
    let first = net.chains.first().and_then(|(chain, ..)| chain.first().copied());
    for root in first.into_iter().chain(0..nodes) {
        let mut path = vec![root];
        while let Some(node) = path.pop() {
            if !std::mem::replace(&mut seen[node], true) {
                layers.layers[net.ranks[node]].push(node);
                path.extend(layers.below[node].iter().rev());
            }
        }
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Size = Size { width: 100.0, height: 40.0 };

    fn link(from: usize, to: usize) -> Link {
        Link { from, to, label: None }
    }

    #[test]
    fn a_chain_is_a_straight_line_down() {
        let laid = lay_out(&[BOX; 3], &[link(0, 1), link(1, 2)]);
        assert_eq!(laid.corners, [(0.0, 0.0), (0.0, 64.0), (0.0, 128.0)]);
        assert_eq!((laid.width, laid.height), (100.0, 168.0));
    }

    #[test]
    fn nothing_overlaps_whatever_leads_where() {
        let label = Some(Size { width: 60.0, height: 14.0 });
        let mut links: Vec<Link> = (0..29).map(|node| link(node, node + 1)).collect();
        links.extend((0..28).step_by(3).map(|node| Link { from: node, to: (node * 7) % 30, label }));
        links.extend([link(5, 5), link(9, 2), link(0, 29)]);
        let laid = lay_out(&[BOX; 30], &links);
        for (a, (ax, ay)) in laid.corners.iter().enumerate() {
            for (bx, by) in &laid.corners[a + 1..] {
                let apart = (ax - bx).abs() >= 100.0 - 0.01 || (ay - by).abs() >= 40.0 - 0.01;
                assert!(apart, "{ax},{ay} and {bx},{by}");
            }
            assert!(*ax >= -0.01 && ax + 100.0 <= laid.width + 0.01);
        }
        assert_eq!(laid.ways.len(), links.len());
    }
}
