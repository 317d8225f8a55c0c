//! The end of an instance whose extensions are to know of it.
//!
//! AWS: first the runtime is asked to end, by SIGTERM, which it isn't without extensions; then extensions that run on
//! their own are told. What is left when the time is up is killed.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use updraft_sandbox::Sandbox;

use super::Instance;
use crate::api::server::ended;
use crate::extensions::event::{self, Reason};

/// For the runtime and all extensions together.
const ALL: Duration = Duration::from_millis(2000);
/// For the runtime alone, of it.
const RUNTIME: Duration = Duration::from_millis(300);
/// For a runtime that has extensions in its own process.
const INTERNAL: Duration = Duration::from_millis(500);

impl Instance {
    /// Ends it: at once if there are no extensions, else by and by. Only the first call counts.
    pub(crate) fn part(self: &Arc<Self>, reason: Reason) {
        if reason == Reason::Spindown {
            self.spend();
        }
        if self.extensions.is_empty() {
            return self.kill();
        }
        if !self.parting.swap(true, Ordering::SeqCst) {
            let parting = self.host.parting();
            let instance = Arc::clone(self);
            self.host.tasks.spawn("end of an instance", async move {
                instance.say_goodbye(reason).await;
                drop(parting);
            });
        }
    }

    async fn say_goodbye(&self, reason: Reason) {
        let clock = &*self.host.clock;
        let (began, deadline) = (clock.monotonic(), clock.real_now().plus(ALL));
        let programs = self.extensions.has_programs();
        self.extensions.expect_the_end();
        self.thaw();
        self.log.hub.hurry();
        self.with_sandbox(Sandbox::terminate);
        tokio::select! {
            () = ended(self.runtime_over.subscribe()) => {}
            () = clock.pause(if programs { RUNTIME } else { INTERNAL }) => {}
        }
        if programs {
            self.extensions.shut_down(&event::shutdown(reason, deadline));
            let left = ALL.saturating_sub(clock.monotonic().saturating_sub(began));
            tokio::select! {
                () = self.extensions.ended() => {}
                () = ended(self.ended()) => {}
                () = clock.pause(left) => {}
            }
        }
        self.kill();
        ended(self.ended()).await;
    }
}
