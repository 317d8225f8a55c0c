//! The ways of links, in SVG's words.

use std::fmt::Write;

use super::layout::Size;

/// What a link passes: a node or a stepping stone, in its layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) x: f64,
    pub(super) size: Size,
    /// Of the layer.
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Stop {
    pub(super) fn middle(&self) -> f64 {
        f64::midpoint(self.top, self.bottom)
    }

    pub(super) fn corner(&self) -> (f64, f64) {
        (self.x - self.size.width / 2.0, self.middle() - self.size.height / 2.0)
    }

    /// A point of its upper or lower edge, somewhat towards where the link goes.
    fn towards(&self, x: f64) -> f64 {
        let most = self.size.width * 0.3;
        self.x + ((x - self.x) * 0.3).clamp(-most, most)
    }

    /// A point of its left or right edge, on the side of where the link goes.
    fn side(&self, x: f64) -> f64 {
        let half = self.size.width / 2.0;
        if x < self.x { self.x - half } else { self.x + half }
    }
}

/// From the first, which is above, to the last.
pub(super) fn down(stops: &[Stop]) -> String {
    let [first, between @ .., last] = stops else { return String::new() };
    let next = between.first().unwrap_or(last);
    let before = between.last().unwrap_or(first);
    let mut at = (first.towards(next.x), first.middle() + first.size.height / 2.0);
    let mut way = format!("M{:.1},{:.1}", at.0, at.1);
    if at.1 < first.bottom {
        at.1 = first.bottom;
        write!(way, "V{:.1}", at.1).ok();
    }
    for stop in between {
        curve(&mut way, at, (stop.x, stop.top));
        write!(way, "V{:.1}", stop.bottom).ok();
        at = (stop.x, stop.bottom);
    }
    let end = (last.towards(before.x), last.middle() - last.size.height / 2.0);
    curve(&mut way, at, (end.0, last.top));
    if end.1 > last.top {
        write!(way, "V{:.1}", end.1).ok();
    }
    way
}

/// The link of the last, which is below, back up to the first.
pub(super) fn back(stops: &[Stop]) -> String {
    match stops {
        [node, beside, ..] if stops.len() == 3 => itself(node, beside),
        [upper, beside_upper, between @ .., beside_lower, lower] => {
            let mut way = String::new();
            write!(way, "M{:.1},{:.1}", lower.side(beside_lower.x), lower.middle()).ok();
            write!(way, "Q{0:.1},{1:.1} {0:.1},{2:.1}", beside_lower.x, lower.middle(), beside_lower.top).ok();
            let mut at = (beside_lower.x, beside_lower.top);
            for stop in between.iter().rev() {
                curve(&mut way, at, (stop.x, stop.bottom));
                write!(way, "V{:.1}", stop.top).ok();
                at = (stop.x, stop.top);
            }
            curve(&mut way, at, (beside_upper.x, beside_upper.bottom));
            let end = (upper.side(beside_upper.x), upper.middle());
            write!(way, "Q{0:.1},{1:.1} {2:.1},{1:.1}", beside_upper.x, end.1, end.0).ok();
            way
        }
        _ => String::new(),
    }
}

/// A node's link to itself.
fn itself(node: &Stop, beside: &Stop) -> String {
    let (x, y) = (node.side(beside.x), node.middle());
    let out = beside.x;
    format!("M{x:.1},{:.1}C{out:.1},{:.1} {out:.1},{:.1} {x:.1},{:.1}", y - 6.0, y - 12.0, y + 12.0, y + 6.0)
}

fn curve(way: &mut String, from: (f64, f64), to: (f64, f64)) {
    if (from.0 - to.0).abs() < 0.5 {
        write!(way, "V{:.1}", to.1).ok();
        return;
    }
    let middle = f64::midpoint(from.1, to.1);
    write!(way, "C{:.1},{middle:.1} {:.1},{middle:.1} {:.1},{:.1}", from.0, to.0, to.0, to.1).ok();
}
