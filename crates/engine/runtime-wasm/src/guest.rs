//! The life of an instance: from its component's compiled code to its last call.

use std::path::PathBuf;
use std::sync::Arc;

use updraft_exec::{End, Life, Resident};
use updraft_kernel::BoxFuture;
use wasmtime::Error;

use crate::component::Program;
use crate::failure;
use crate::machine::Machine;
use crate::metered::{Metered, Spent};
use crate::{handler, proxy};

/// One component.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) machine: Arc<Machine>,
    pub(crate) file: PathBuf,
}

impl Resident for Guest {
    fn live(self: Arc<Self>, life: Life) -> BoxFuture<'static, End> {
        Box::pin(async move {
            let life = Arc::new(life);
            let program = match self.machine.programs.get(&self.machine, &self.file).await {
                Ok(program) => program,
                Err(error) => return unfit(&life, "Runtime.InvalidEntrypoint", &error),
            };
            let tmp = match self.machine.scratch.folder(u64::from(life.spec().ephemeral_mb) << 20) {
                Ok(tmp) => tmp,
                Err(error) => return unfit(&life, "Runtime.NoTmp", &error.into()),
            };
            match &*program {
                Program::Handler(handler) => handler::live(&self.machine, handler, &life, &tmp).await,
                Program::Proxy(proxy) => proxy::live(&self.machine, proxy, &life, &tmp).await,
            }
        })
    }
}

/// It never began.
fn unfit(life: &Life, kind: &str, error: &Error) -> End {
    life.failed_to_start(kind, failure::payload(kind, &format!("{error:#}")));
    End::Exited(1)
}

/// Runs a program's code: measured, and with the beat that interrupts it.
pub(crate) async fn run<T>(machine: &Machine, life: &Life, spent: Spent, work: impl Future<Output = T>) -> T {
    let _running = machine.pulse.running();
    Metered { work: Box::pin(work), spent, clock: &**life.clock() }.await
}
