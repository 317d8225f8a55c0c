//! The versions that a function has for a while, one of each size.

use anyhow::{Context, Error, Result, bail};
use serde_json::json;

use crate::aws::{Aws, Refusal};
use crate::lambda;
use crate::stop::Stop;

/// What their descriptions begin with: by that they are known again.
const MARK: &str = "updraft tune: ";

/// From the first change of a function to the last.
#[derive(Debug)]
pub(super) struct Sizes<'a> {
    aws: &'a Aws,
    function: &'a str,
    memory_mb: u32,
    /// The versions that aren't ours.
    before: Vec<String>,
    /// Whether `$LATEST` may have another size than it had.
    changed: bool,
}

impl<'a> Sizes<'a> {
    pub(super) async fn begin(aws: &'a Aws, function: &'a str, memory_mb: u32) -> Result<Self> {
        let all = lambda::versions(aws, function).await?;
        // Those of a run that was killed are nobody's.
        let before = all.into_iter().filter(|(_, described)| !described.starts_with(MARK)).map(|(number, _)| number);
        Ok(Self { aws, function, memory_mb, before: before.collect(), changed: false })
    }

    /// A version of each size, in order. Never cut in the middle of a request, which might be carried out later.
    pub(super) async fn publish(&mut self, wanted: &[u32], stop: &mut Stop) -> Result<Vec<(u32, String)>> {
        let mut wanted = wanted.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let mut versions = Vec::new();
        for memory_mb in wanted {
            if stop.is_asked() {
                bail!("stopped; the function is as it was");
            }
            self.changed = true;
            lambda::configure(self.aws, self.function, &json!({ "MemorySize": memory_mb })).await?;
            let description = format!("{MARK}{memory_mb} MB");
            versions.push((memory_mb, lambda::publish(self.aws, self.function, &description).await?));
        }
        self.restore().await?;
        Ok(versions)
    }

    async fn restore(&mut self) -> Result<()> {
        if self.changed {
            lambda::configure(self.aws, self.function, &json!({ "MemorySize": self.memory_mb })).await?;
            self.changed = false;
        }
        Ok(())
    }

    /// Puts the function back as it was.
    pub(super) async fn end(mut self) -> Result<()> {
        let Self { function, memory_mb, .. } = self;
        self.restore().await.with_context(|| {
            format!(
                "{function} may not have its {memory_mb} MB again: set them by `aws lambda update-function-configuration \
                 --function-name {function} --memory-size {memory_mb}`"
            )
        })?;
        self.delete().await.with_context(|| {
            format!("{function} may have versions left that are described as \"{MARK}…\"; the next `updraft tune` deletes them")
        })
    }

    async fn delete(&self) -> Result<()> {
        let gone = |err: &Error| err.downcast_ref::<Refusal>().is_some_and(|said| said.status == 404);
        for (version, description) in lambda::versions(self.aws, self.function).await? {
            if !description.starts_with(MARK) || self.before.contains(&version) {
                continue;
            }
            match lambda::delete_version(self.aws, self.function, &version).await {
                Err(err) if !gone(&err) => return Err(err),
                _ => {}
            }
        }
        Ok(())
    }
}
