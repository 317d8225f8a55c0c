//! What a host has of memory.

/// In bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostMemory {
    pub total: u64,
    /// What can be had without swapping, caches that would be given up included.
    pub available: u64,
}

impl HostMemory {
    /// Of the text of `/proc/meminfo`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
        };
        Some(Self { total: field("MemTotal")?, available: field("MemAvailable")? })
    }

    /// Where whoever asks may use less than the host has: `limit`, of which `used` is taken for good.
    pub(crate) fn within(self, limit: u64, used: u64) -> Self {
        Self { total: self.total.min(limit), available: self.available.min(limit.saturating_sub(used)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_says_is_understood() {
        let text = "MemTotal:       24684248 kB\nMemFree:         1871908 kB\nMemAvailable:   21270784 kB\n";
        let memory = HostMemory { total: 24_684_248 << 10, available: 21_270_784 << 10 };
        assert_eq!(HostMemory::parse(text), Some(memory));
        for wrong in ["", "MemTotal: 1 kB\n", "MemTotal: 1 kB\nMemAvailable: x kB\n", "MemTotal: 1\nMemAvailable: 1\n"]
        {
            assert_eq!(HostMemory::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_container_has_what_it_may_use() {
        let memory = HostMemory { total: 100, available: 60 };
        assert_eq!(memory.within(50, 10), HostMemory { total: 50, available: 40 });
        assert_eq!(memory.within(500, 10), memory);
        assert_eq!(memory.within(50, 70).available, 0);
    }
}
