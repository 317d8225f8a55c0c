//! Waiting for a condition in real time, for what runs on tasks and processes that a test doesn't drive.

use std::time::Duration;

use updraft_kernel::{Clock, SystemClock};

/// How long between two looks.
const STEP: Duration = Duration::from_millis(2);

/// The condition didn't come true in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitedTooLong(pub Duration);

impl std::fmt::Display for WaitedTooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the condition was still false after {:?}", self.0)
    }
}

impl std::error::Error for WaitedTooLong {}

/// Looks again and again until `holds`, for at most `deadline` of real time. Other tasks run in between.
///
/// # Errors
/// If the deadline has passed; a test unwraps it.
pub async fn wait_until(deadline: Duration, mut holds: impl FnMut() -> bool) -> Result<(), WaitedTooLong> {
    wait_until_async(deadline, async || holds()).await
}

/// As [`wait_until`], for a condition that has to ask.
///
/// # Errors
/// If the deadline has passed.
pub async fn wait_until_async(deadline: Duration, mut holds: impl AsyncFnMut() -> bool) -> Result<(), WaitedTooLong> {
    let clock = SystemClock::new();
    while !holds().await {
        if clock.monotonic() >= deadline {
            return Err(WaitedTooLong(deadline));
        }
        clock.pause(STEP).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_looks_until_it_holds_and_gives_up_at_the_deadline() {
        let mut looks = 0;
        let third = || {
            looks += 1;
            looks == 3
        };
        assert_eq!(wait_until(Duration::from_secs(10), third).await, Ok(()));
        let short = Duration::from_millis(5);
        assert_eq!(wait_until(short, || false).await, Err(WaitedTooLong(short)));
    }
}
