//! Reading: order, ranges, limits, snapshots.

use super::*;

pub async fn rows_come_in_key_order(store: Subject) {
    fill(&store, &["b", "", "ab", "a", "c"]).await;
    let mut txn = reader(&store).await;
    assert_eq!(names(&mut txn, everything(), ScanOptions::default()).await, ["", "a", "ab", "b", "c"]);
    let back = names(&mut txn, everything(), ScanOptions::default().reversed()).await;
    assert_eq!(back, ["c", "b", "ab", "a", ""]);
}

pub async fn a_range_holds_its_start_and_not_its_end(store: Subject) {
    fill(&store, &["a", "b", "c", "d"]).await;
    let mut txn = reader(&store).await;
    for options in [ScanOptions::default(), ScanOptions::default().reversed()] {
        let mut found = names(&mut txn, range("b", "d"), options).await;
        found.sort();
        assert_eq!(found, ["b", "c"]);
        assert!(names(&mut txn, range("d", "b"), options).await.is_empty(), "the wrong way round is empty");
        assert!(names(&mut txn, range("b", "b"), options).await.is_empty());
    }
}

pub async fn limits_end_a_page_and_say_that_there_is_more(store: Subject) {
    fill(&store, &["a", "b", "c"]).await;
    let mut txn = reader(&store).await;
    let mut more = async |options| {
        let page = txn.scan(everything(), options).await.unwrap();
        (page.rows.len(), page.more)
    };
    assert_eq!(more(ScanOptions::limit(2)).await, (2, true));
    assert_eq!(more(ScanOptions::limit(3)).await, (3, false), "exactly all: nothing more");
    assert_eq!(more(ScanOptions::limit(2).reversed()).await, (2, true));
    assert_eq!(more(ScanOptions::default().max_bytes(1)).await, (1, true), "at least one row");
    assert_eq!(more(ScanOptions::limit(0)).await, (0, true));
}

pub async fn many_rows_are_paged_through_both_ways(store: Subject) {
    let all: Vec<String> = (0..1_000).map(|n| format!("{n:04}")).collect();
    fill(&store, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut txn = reader(&store).await;
    for options in [ScanOptions::limit(77), ScanOptions::limit(77).reversed()] {
        let (mut rest, mut found) = (everything(), Vec::new());
        loop {
            let page = txn.scan(rest.clone(), options).await.unwrap();
            found.extend(page.rows.iter().map(|(_, value)| String::from_utf8_lossy(value).into_owned()));
            let Some((last, _)) = page.rows.last().filter(|_| page.more) else { break };
            rest = if options.reverse { rest.before(last.clone()) } else { rest.after(last) };
        }
        if options.reverse {
            found.reverse();
        }
        assert_eq!(found, all);
    }
}

pub async fn a_transaction_reads_its_own_writes(store: Subject) {
    fill(&store, &["a", "b", "d"]).await;
    let mut txn = begin(&store).await;
    txn.put(key("c"), "c".into());
    txn.put(key("a"), "A".into());
    txn.delete(key("b"));
    assert_eq!(txn.get(&key("a")).await.unwrap().as_deref(), Some(&b"A"[..]));
    assert_eq!(txn.get(&key("b")).await.unwrap(), None);
    assert_eq!(names(&mut txn, everything(), ScanOptions::default()).await, ["A", "c", "d"]);
    assert_eq!(names(&mut txn, everything(), ScanOptions::limit(2).reversed()).await, ["d", "c"]);
    txn.delete_range(range("c", "d"));
    assert_eq!(names(&mut txn, everything(), ScanOptions::default()).await, ["A", "d"]);
    assert_eq!(get(&store, "a").await.as_deref(), Some(&b"a"[..]), "nobody else sees them");
    commit(txn).await.unwrap();
    assert_eq!(names(&mut reader(&store).await, everything(), ScanOptions::default()).await, ["A", "d"]);
}

pub async fn a_snapshot_stands_still(store: Subject) {
    fill(&store, &["a", "b"]).await;
    let mut before = reader(&store).await;
    assert_eq!(before.get(&key("c")).await.unwrap(), None, "taken at the latest now");
    let mut txn = begin(&store).await;
    txn.delete(key("a"));
    txn.put(key("b"), "B".into());
    txn.put(key("c"), "c".into());
    commit(txn).await.unwrap();
    assert_eq!(names(&mut before, everything(), ScanOptions::default()).await, ["a", "b"]);
    assert_eq!(before.get(&key("b")).await.unwrap().as_deref(), Some(&b"b"[..]));
    assert_eq!(names(&mut reader(&store).await, everything(), ScanOptions::default()).await, ["B", "c"]);
}

pub async fn get_many_answers_in_the_order_asked(store: Subject) {
    fill(&store, &["a", "b"]).await;
    let asked = [key("b"), key("x"), key("a"), key("b")];
    let found = reader(&store).await.get_many(&asked).await.unwrap();
    let found: Vec<_> = found.iter().map(Option::as_deref).collect();
    assert_eq!(found, [Some(&b"b"[..]), None, Some(b"a"), Some(b"b")]);
}
