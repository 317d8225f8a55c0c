//! Making connections.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::Notify;
use tokio_postgres::config::SslMode;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Socket};
use updraft_kernel::{Clock, SystemClock, Tasks};
use updraft_store::{Result, StoreError};

use crate::errors::not_connected;
use crate::options::PostgresOptions;
use crate::session::{Session, Silence};
use crate::tls::Tls;
use crate::url::{Address, Protection};

/// The planner must take the primary key, always: it is right for each of our statements, and any other plan reads,
/// and so locks against concurrent writers, more than it needs. Compiling statements costs more than it saves here.
/// Other databases don't know these settings and don't need them.
const PLANNER: &str = "SET enable_seqscan TO off; SET enable_bitmapscan TO off; SET enable_hashjoin TO off; \
    SET enable_mergejoin TO off; SET plan_cache_mode TO force_generic_plan; SET jit TO off; \
    SET tcp_keepalives_idle TO 10; SET tcp_keepalives_interval TO 5; SET tcp_keepalives_count TO 3";

/// A database whose owner has switched waiting for the disk off has it on again here; stronger settings stay.
const DURABLE: &str = "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') \
    WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)";

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Transactions that say themselves that they write. Outside of one nothing can be written, so that a request whose
    /// BEGIN failed does nothing.
    Transactions,
    /// Statements that are a whole transaction each.
    Statements,
}

/// Gets what the server says by itself: notifications.
pub(crate) type Hears = Arc<dyn Fn(&str) + Send + Sync>;

/// Makes connections to one database.
pub(crate) struct Connector {
    config: Config,
    tls: Option<Tls>,
    shown: String,
    setup: String,
    /// How long a connection may take from the first packet to its settings.
    handshake: Duration,
    answer: Duration,
    clock: SystemClock,
    tasks: Tasks,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connector({})", self.shown)
    }
}

impl Connector {
    pub(crate) fn new(address: &Address, options: &PostgresOptions, tasks: Tasks) -> Result<Self> {
        let tls = match address.protection {
            Protection::None => None,
            ref protection => Some(Tls::new(protection)?),
        };
        let mut config = address.config.clone();
        config.application_name(concat!("updraft ", env!("CARGO_PKG_VERSION")));
        config.connect_timeout(options.connect);
        let short = Duration::from_secs(10);
        config.keepalives_idle(short).keepalives_interval(short / 2).keepalives_retries(3).tcp_user_timeout(2 * short);
        Ok(Self {
            config,
            tls,
            shown: address.shown(),
            setup: setup(&options.schema),
            // `connect` is of one host, of which there may be several.
            handshake: options.connect * 2,
            answer: options.answer,
            clock: SystemClock::new(),
            tasks,
        })
    }

    pub(crate) async fn connect(&self, purpose: Use) -> Result<Session> {
        self.connect_hearing(purpose, None).await
    }

    /// A connection that tells `hears` what it is notified of.
    pub(crate) async fn connect_hearing(&self, purpose: Use, hears: Option<Hears>) -> Result<Session> {
        match select(Box::pin(self.open(purpose, hears)), self.clock.pause(self.handshake)).await {
            Either::Left((opened, _)) => opened,
            Either::Right(_) => {
                Err(StoreError::unavailable(format!("{} takes connections, but doesn't answer on them", self.shown)))
            }
        }
    }

    async fn open(&self, purpose: Use, hears: Option<Hears>) -> Result<Session> {
        let silence = Silence { most: self.answer, cut: Arc::default(), clock: self.clock };
        let cut = Arc::clone(&silence.cut);
        let client = match &self.tls {
            Some(tls) if self.config.get_ssl_mode() != SslMode::Disable => {
                let made = self.config.connect(tls.clone()).await;
                made.map(|(client, connection)| self.drive(client, connection, hears, cut))
            }
            _ => {
                self.config.connect(NoTls).await.map(|(client, connection)| self.drive(client, connection, hears, cut))
            }
        };
        let session = Session::new(client.map_err(|err| not_connected(&self.shown, err))?, silence);
        self.prepare(&session, purpose).await.map_err(crate::errors::Failure::harmless)?;
        Ok(session)
    }

    /// Settings of the session that all statements rely on.
    async fn prepare(&self, session: &Session, purpose: Use) -> std::result::Result<(), crate::errors::Failure> {
        let read_only = if purpose == Use::Transactions { "on" } else { "off" };
        let setup = format!("{}; SET default_transaction_read_only TO {read_only}", self.setup);
        let (base, durable, planner) = tokio::join!(session.run(&setup), session.run(DURABLE), session.run(PLANNER));
        if let Err(err) = durable.and(planner) {
            tracing::debug!(?err, "the database doesn't know some of PostgreSQL's settings");
        }
        base
    }

    /// Carries what is sent and answered, for as long as the client lives and isn't `cut` off.
    fn drive<T>(
        &self,
        client: Client,
        connection: Connection<Socket, T>,
        hears: Option<Hears>,
        cut: Arc<Notify>,
    ) -> Client
    where
        T: tokio_postgres::tls::TlsStream + Unpin + Send + 'static,
    {
        let shown = self.shown.clone();
        self.tasks.spawn("a connection to PostgreSQL", async move {
            tokio::select! {
                () = carry(connection, hears) => {}
                () = cut.notified() => tracing::warn!(database = shown, "it doesn't answer; a connection is given up"),
            }
        });
        client
    }
}

async fn carry<T>(mut connection: Connection<Socket, T>, hears: Option<Hears>)
where
    T: tokio_postgres::tls::TlsStream + Unpin,
{
    loop {
        match poll_fn(|cx| connection.poll_message(cx)).await {
            Some(Ok(AsyncMessage::Notification(told))) => {
                if let Some(hears) = &hears {
                    hears(told.payload());
                }
            }
            Some(Ok(_)) => {}
            Some(Err(err)) => return tracing::debug!(%err, "a connection to PostgreSQL ended"),
            None => return,
        }
    }
}

/// Nobody may hold others up for longer than a transaction may live.
fn setup(schema: &str) -> String {
    let age = updraft_store::Limits::HOUSE.txn_age.as_millis();
    format!(
        "SET search_path TO \"{schema}\"; SET default_transaction_isolation TO 'serializable'; \
         SET idle_in_transaction_session_timeout TO {age}; SET statement_timeout TO {age}; \
         SET client_min_messages TO 'error'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_takes_connections_and_never_answers_is_unavailable() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://user@{}/database?sslmode=disable", silent.local_addr().unwrap());
        let options = PostgresOptions { connect: Duration::from_millis(100), ..PostgresOptions::default() };
        let err = crate::open(&url, options).await.unwrap_err();
        assert!(matches!(err, StoreError::Unavailable(_)), "{err:?}");
        assert!(format!("{err:?}").contains("doesn't answer"), "{err:?}");
    }
}
