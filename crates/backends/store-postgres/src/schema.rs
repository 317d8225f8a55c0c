//! The tables, made and migrated by updraft itself.

use tokio_postgres::error::SqlState;
use updraft_store::{Result, StoreError, format};

use crate::errors::Failure;
use crate::session::Session;

/// What this updraft makes, and the newest it can work with.
pub(crate) const VERSION: i32 = 1;

/// How often opening tries again when several processes make the schema at once.
const TRIES: usize = 20;

/// Each step leads from the version of its place to the next. Never edited, only added to: see the tests.
const STEPS: &[&str] = &[concat!(
    // A row with `counter` set is a counter: its value and all of `adds` under that number. `value` isn't compressed:
    // that costs more than it saves for rows this small, and what is large is compressed by whoever wrote it.
    "CREATE TABLE kv (head bytea NOT NULL, rest bytea NOT NULL DEFAULT '', tail bytea NOT NULL DEFAULT '', ",
    "value bytea NOT NULL, counter bigint, ",
    "CONSTRAINT counters_have_eight_bytes CHECK (counter IS NULL OR octet_length(value) = 8), ",
    "PRIMARY KEY (head, rest));",
    "CREATE INDEX kv_counter ON kv (counter) WHERE counter IS NOT NULL;",
    "CREATE TABLE adds (counter bigint NOT NULL, id bigint NOT NULL, delta bigint NOT NULL, PRIMARY KEY (counter, id));",
    "CREATE TABLE commits (id bytea NOT NULL PRIMARY KEY, version bigint);",
    "CREATE TABLE prefixes (id bigint NOT NULL PRIMARY KEY, n bigint NOT NULL);",
    // Room for a number of its own for each transaction of a batch.
    "CREATE SEQUENCE version INCREMENT BY 1024 MINVALUE 1024 START WITH 1024;",
    "CREATE SEQUENCE number;",
)];

/// What only PostgreSQL can be told: room for rewritten rows on their page, and cleaning up early, since rows come and
/// go and each dead one is stepped over by scans.
const STORAGE: &str = "ALTER TABLE kv SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, \
    autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.05); \
    ALTER TABLE kv ALTER COLUMN value SET STORAGE EXTERNAL; \
    ALTER TABLE adds SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0); \
    ALTER TABLE commits SET (autovacuum_vacuum_scale_factor = 0.05)";

/// Makes what is missing, and refuses what is newer.
pub(crate) async fn migrate(session: &Session, schema: &str) -> Result<()> {
    let mut tries = 0;
    loop {
        match attempt(session, schema).await {
            Err(Failure::Conflict) if tries < TRIES => tries += 1,
            Err(Failure::Refused(err)) if tries < TRIES && is_made_by_another(&err) => tries += 1,
            done => return done.map_err(Failure::harmless),
        }
        session.run("ROLLBACK").await.map_err(Failure::harmless)?;
    }
}

/// Two that make the same thing at once: the loser looks again and finds it made.
fn is_made_by_another(err: &StoreError) -> bool {
    let StoreError::Engine(source) = err else { return false };
    let code = source.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
    [&SqlState::UNIQUE_VIOLATION, &SqlState::DUPLICATE_TABLE, &SqlState::DUPLICATE_SCHEMA, &SqlState::DUPLICATE_OBJECT]
        .iter()
        .any(|known| code == Some(known))
}

async fn attempt(session: &Session, schema: &str) -> std::result::Result<(), Failure> {
    // Asked for first: who made it for us needn't have allowed us to make more.
    if session.ask("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema]).await?.is_empty() {
        session.run(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"")).await?;
    }
    session.run("CREATE TABLE IF NOT EXISTS updraft (one boolean PRIMARY KEY, version integer NOT NULL)").await?;
    session.run("BEGIN; INSERT INTO updraft VALUES (true, 0) ON CONFLICT (one) DO NOTHING").await?;
    // Locked: of several that open at once, one migrates and the others find it done.
    let rows = session.ask("SELECT version FROM updraft WHERE one FOR UPDATE", &[]).await?;
    let found: i32 = rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(0);
    if found > VERSION {
        session.run("ROLLBACK").await?;
        let known = |version: i32| u32::try_from(version).unwrap_or(0);
        return Err(Failure::Refused(StoreError::NewerFormat { found: known(found), known: known(VERSION) }));
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        session.run(step).await?;
    }
    if found < VERSION {
        session.run(&format!("UPDATE updraft SET version = {VERSION}")).await?;
    }
    session.run("COMMIT").await?;
    if found < VERSION
        && let Err(err) = session.run(STORAGE).await
    {
        tracing::debug!(?err, "the database doesn't know PostgreSQL's storage settings");
    }
    Ok(())
}

/// The row that every backend keeps, which says who may read the data.
pub(crate) async fn admit(session: &Session) -> Result<()> {
    let key = format::key();
    let none: &[u8] = &[];
    let rows = session.ask("SELECT value FROM kv WHERE head = $1 AND rest = $2", &[&&key[..], &none]).await;
    let rows = rows.map_err(Failure::harmless)?;
    let found = rows.first().map(|row| row.try_get::<_, &[u8]>(0)).transpose().map_err(StoreError::engine)?;
    let Some(row) = format::admit(found.map(bytes::Bytes::copy_from_slice))? else { return Ok(()) };
    let write = "INSERT INTO kv (head, value) VALUES ($1, $2) ON CONFLICT (head, rest) DO NOTHING";
    match session.ask(write, &[&&key[..], &&row[..]]).await {
        // Another has written it just now.
        Ok(_) | Err(Failure::Conflict) => Ok(()),
        Err(err) => Err(err.harmless()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_step_to_each_version() {
        assert_eq!(i32::try_from(STEPS.len()).unwrap(), VERSION);
    }

    /// In databases out there: may never change.
    #[test]
    fn golden_steps() {
        let hashes: Vec<_> = STEPS.iter().map(|step| xxhash_rust::xxh3::xxh3_64(step.as_bytes())).collect();
        assert_eq!(hashes, [13_083_637_619_998_402_420]);
    }
}
