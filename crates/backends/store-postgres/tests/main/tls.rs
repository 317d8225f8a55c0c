//! TLS: what is asked for is what is had. The certificates are made for `localhost`, by an authority of the tests' own.

use updraft_store::StoreError;
use updraft_testkit::postgres::PostgresServer;

use super::*;

const CERTIFICATE: &str = include_str!("../certificates/server.pem");
const KEY: &str = include_str!("../certificates/server.key");
const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates/ca.pem");

/// Connections of stores, with or without TLS.
async fn connections(url: &str, tls: bool) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
         WHERE application_name LIKE 'updraft %' AND ssl = {tls}"
    );
    ask(url, &sql).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_url_says_how_the_connection_is_protected() {
    let server = PostgresServer::start_with_tls(CERTIFICATE, KEY).unwrap();
    let plain = server.fresh_database().unwrap();
    let base = plain.split('?').next().unwrap();
    let named = base.replace("127.0.0.1", "localhost");
    for mode in ["", "?sslmode=prefer", "?sslmode=require", &format!("?sslmode=verify-full&sslrootcert={AUTHORITY}")] {
        let store = open(&format!("{named}{mode}")).await.unwrap();
        put(&*store, "a", "x").await.unwrap();
        get(&*store, &key("a")).await.unwrap();
        assert!(connections(&plain, true).await > 0, "{mode}");
        assert_eq!(connections(&plain, false).await, 0, "{mode}");
        store.close().await.unwrap();
    }
    let store = open(&format!("{named}?sslmode=disable")).await.unwrap();
    assert!(connections(&plain, false).await > 0);
    store.close().await.unwrap();
    let other_name = format!("{base}?sslmode=verify-full&sslrootcert={AUTHORITY}");
    for wrong in [
        other_name,
        format!("{named}?sslmode=verify-full&sslrootcert=/nowhere"),
        format!("{named}?sslmode=verify-full"),
    ] {
        assert!(open(&wrong).await.is_err(), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let server = PostgresServer::start().unwrap();
    let plain = server.fresh_database().unwrap();
    let err = open(&plain.replace("sslmode=disable", "sslmode=require")).await.unwrap_err();
    assert!(matches!(err, StoreError::Unavailable(_)), "{err:?}");
    open(&plain.replace("sslmode=disable", "sslmode=prefer")).await.unwrap();
}
