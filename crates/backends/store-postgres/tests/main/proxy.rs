//! A way to the database that can be cut at the worst moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use updraft_kernel::Tasks;

/// When the connection that sends [`MARK`] is cut; once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the server gets it.
    Before,
    /// When the server has carried it out, before its answer arrives.
    After,
}

/// What a commit holds that is to be cut.
pub(crate) const MARK: &str = "cut me here, please";

/// The server is ready, outside of a transaction: what it was sent before is done.
const READY: &[u8] = b"Z\0\0\0\x05I";

#[derive(Debug, Default)]
struct State {
    cut: Mutex<Option<Cut>>,
    /// No new connections.
    closed: AtomicBool,
    /// Close behind the next cut.
    stay_closed: AtomicBool,
}

pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
}

impl Proxy {
    pub(crate) async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, state) = (listener.local_addr().unwrap().port(), Arc::new(State::default()));
        let (tasks, shared) = (Tasks::new(), Arc::clone(&state));
        let spawner = tasks.clone();
        tasks.spawn("a proxy", async move {
            while let Ok((client, _)) = listener.accept().await {
                if shared.closed.load(Ordering::SeqCst) {
                    continue;
                }
                let (server, state) = (TcpStream::connect(&server).await.unwrap(), Arc::clone(&shared));
                spawner.spawn("a connection", carry(client, server, state));
            }
        });
        Self { port, state }
    }

    pub(crate) fn url(&self, of: &str) -> String {
        let (user, rest) = of.rsplit_once('@').unwrap();
        let (_, database) = rest.split_once('/').unwrap();
        format!("{user}@127.0.0.1:{}/{database}", self.port)
    }

    pub(crate) fn cut(&self, when: Cut) {
        *self.state.cut.lock() = Some(when);
    }

    /// Cuts, and lets nobody connect again.
    pub(crate) fn cut_for_good(&self, when: Cut) {
        self.state.stay_closed.store(true, Ordering::SeqCst);
        self.cut(when);
    }

    pub(crate) fn has_cut(&self) -> bool {
        self.state.cut.lock().is_none()
    }
}

/// The server's address in a URL.
pub(crate) fn address(url: &str) -> String {
    let (_, rest) = url.rsplit_once('@').unwrap();
    rest.split('/').next().unwrap().to_owned()
}

async fn carry(mut client: TcpStream, mut server: TcpStream, state: Arc<State>) {
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut after = false;
    loop {
        tokio::select! {
            n = client.read(&mut from_client) => {
                let Ok(n @ 1..) = n else { return };
                let sent = &from_client[..n];
                match cut_now(sent, &state) {
                    Some(Cut::Before) => return,
                    Some(Cut::After) => after = true,
                    None => {}
                }
                server.write_all(sent).await.unwrap();
            }
            n = server.read(&mut from_server) => {
                let Ok(n @ 1..) = n else { return };
                let said = &from_server[..n];
                if after {
                    if said.ends_with(READY) {
                        return;
                    }
                    continue;
                }
                if client.write_all(said).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn cut_now(sent: &[u8], state: &State) -> Option<Cut> {
    if !sent.windows(MARK.len()).any(|window| window == MARK.as_bytes()) {
        return None;
    }
    state.closed.store(state.stay_closed.load(Ordering::SeqCst), Ordering::SeqCst);
    state.cut.lock().take()
}
