//! Which layer a node is in: below all that lead to it.
#![allow(clippy::indexing_slicing, reason = "nodes are numbered, and all lists here are as long as there are nodes")]

/// A link between nodes, which spans so many layers at least.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) least: usize,
}

/// The links that lead back to where a way came from; turned around, there are no circles left.
pub(super) fn back(nodes: usize, links: &[Span]) -> Vec<bool> {
    let mut leaving = vec![Vec::new(); nodes];
    links.iter().enumerate().for_each(|(at, link)| leaving[link.from].push(at));
    let (mut back, mut state) = (vec![false; links.len()], vec![Seen::Never; nodes]);
    let first = links.first().map(|link| link.from);
    for root in first.into_iter().chain(0..nodes) {
        if state[root] != Seen::Never {
            continue;
        }
        let mut path = vec![(root, 0)];
        state[root] = Seen::OnPath;
        while let Some((node, next)) = path.last_mut() {
            let Some(&link) = leaving[*node].get(*next) else {
                state[*node] = Seen::Done;
                path.pop();
                continue;
            };
            *next += 1;
            let to = links[link].to;
            match state[to] {
                Seen::OnPath => back[link] = true,
                Seen::Never => {
                    state[to] = Seen::OnPath;
                    path.push((to, 0));
                }
                Seen::Done => {}
            }
        }
    }
    back
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Never,
    OnPath,
    Done,
}

/// The longest way to each node, where links make no circle.
pub(super) fn longest(nodes: usize, links: &[Span]) -> Vec<usize> {
    let (mut waiting, mut leaving) = (vec![0_usize; nodes], vec![Vec::new(); nodes]);
    for link in links {
        waiting[link.to] += 1;
        leaving[link.from].push(*link);
    }
    let mut ranks = vec![0; nodes];
    let mut ready: Vec<usize> = (0..nodes).filter(|node| waiting[*node] == 0).collect();
    while let Some(node) = ready.pop() {
        for link in &leaving[node] {
            ranks[link.to] = ranks[link.to].max(ranks[node] + link.least);
            waiting[link.to] -= 1;
            if waiting[link.to] == 0 {
                ready.push(link.to);
            }
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: usize, to: usize) -> Span {
        Span { from, to, least: 1 }
    }

    #[test]
    fn circles_are_cut_where_they_close() {
        let links = [span(0, 1), span(1, 2), span(2, 1), span(2, 3)];
        assert_eq!(back(4, &links), [false, false, true, false]);
    }

    #[test]
    fn a_node_is_below_all_that_lead_to_it() {
        let links = [span(0, 1), span(1, 2), span(0, 2), Span { from: 2, to: 3, least: 2 }];
        assert_eq!(longest(4, &links), [0, 1, 2, 4]);
    }
}
