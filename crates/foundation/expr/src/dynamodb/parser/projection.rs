//! `a, b.c[0], #d`

use super::{Parser, Result};
use crate::dynamodb::path::{Clash, Path};
use crate::dynamodb::projection::Projection;

impl Parser<'_> {
    pub(super) fn projection(&mut self) -> Result<Projection> {
        let mut paths = vec![self.path()?];
        while self.take_symbol(",") {
            paths.push(self.path()?);
        }
        let all: Vec<&Path> = paths.iter().collect();
        self.check_clashes(&all);
        Ok(Projection::new(paths))
    }

    /// Defers an error if two of the paths can't stand in one expression.
    pub(super) fn check_clashes(&mut self, paths: &[&Path]) {
        for (index, two) in paths.iter().enumerate() {
            let clashing = |one: &&Path| one.clash(two).map(|clash| ((*one).clone(), clash));
            if let Some((one, clash)) = paths.iter().take(index).find_map(clashing) {
                let how = match clash {
                    Clash::Overlap => "overlap",
                    Clash::Conflict => "conflict",
                };
                let what = format!(
                    "Two document paths {how} with each other; must remove or rewrite one of these paths; \
                     path one: {one}, path two: {two}"
                );
                return self.defer(self.kind.invalid(what));
            }
        }
    }
}
