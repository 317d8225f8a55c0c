//! Continuous backups: what can be switched, and what is told of it.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_testkit::wait_until_async;

use crate::db::{Db, composite};

const DAY: Duration = Duration::from_secs(86_400);

fn set(spec: Value) -> Value {
    json!({ "TableName": "tab", "PointInTimeRecoverySpecification": spec })
}

/// Its answer, which has to be what is described then.
async fn update(db: &Db, spec: Value) -> Value {
    let answer = db.ok("UpdateContinuousBackups", set(spec)).await["ContinuousBackupsDescription"].clone();
    assert_eq!(answer["ContinuousBackupsStatus"], json!("ENABLED"));
    assert_eq!(answer["PointInTimeRecoveryDescription"], described(db).await);
    answer["PointInTimeRecoveryDescription"].clone()
}

async fn described(db: &Db) -> Value {
    let answer = db.ok("DescribeContinuousBackups", json!({ "TableName": "tab" })).await;
    assert_eq!(answer["ContinuousBackupsDescription"]["ContinuousBackupsStatus"], json!("ENABLED"));
    answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"].clone()
}

/// Earliest and latest, in seconds after `zero`.
fn window(described: &Value, zero: f64) -> (i64, i64) {
    let at = |name: &str| {
        let seconds = described[name].as_f64().unwrap() - zero;
        format!("{seconds:.0}").parse().unwrap()
    };
    (at("EarliestRestorableDateTime"), at("LatestRestorableDateTime"))
}

#[tokio::test]
async fn recovery_is_switched_on_and_off() {
    let db = Db::with_table().await;
    let off = json!({ "PointInTimeRecoveryStatus": "DISABLED" });
    assert_eq!(described(&db).await, off);
    let on = update(&db, json!({ "PointInTimeRecoveryEnabled": true })).await;
    assert_eq!((&on["PointInTimeRecoveryStatus"], &on["RecoveryPeriodInDays"]), (&json!("ENABLED"), &json!(35)));
    assert_eq!(update(&db, json!({ "PointInTimeRecoveryEnabled": false })).await, off);
    assert_eq!(update(&db, json!({ "PointInTimeRecoveryEnabled": false })).await, off);
}

#[tokio::test]
async fn what_can_be_restored_moves_on_with_time() {
    let db = Db::with_table().await;
    let spec = json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 2 });
    let on = update(&db, spec.clone()).await;
    let zero = on["EarliestRestorableDateTime"].as_f64().unwrap();
    assert_eq!(window(&on, zero), (0, 0));
    let later = async |by: Duration| {
        db.world.clock.advance(by);
        window(&described(&db).await, zero)
    };
    assert_eq!(later(Duration::from_secs(300)).await, (0, 0));
    assert_eq!(later(Duration::from_secs(1)).await, (0, 1));
    assert_eq!(window(&update(&db, spec).await, zero), (0, 1), "it was on already");
    assert_eq!(later(DAY * 2 - Duration::from_secs(301)).await, (0, 172_500));
    assert_eq!(later(Duration::from_secs(1)).await, (1, 172_501));
    update(&db, json!({ "PointInTimeRecoveryEnabled": false })).await;
    let again = update(&db, json!({ "PointInTimeRecoveryEnabled": true })).await;
    assert_eq!(window(&again, zero), (172_801, 172_801), "it begins anew");
}

#[tokio::test]
async fn a_period_is_of_1_to_35_days() {
    let db = Db::with_table().await;
    let spec = |days: i32| json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": days });
    for days in [1, 35] {
        assert_eq!(update(&db, spec(days)).await["RecoveryPeriodInDays"], json!(days));
    }
    for (days, bound) in [(0, "greater than or equal to 1"), (36, "less than or equal to 35")] {
        let message = db.invalid("UpdateContinuousBackups", set(spec(days))).await;
        assert!(message.ends_with(&format!("Member must have value {bound}")), "{message}");
    }
    assert_eq!(described(&db).await["RecoveryPeriodInDays"], json!(35));
}

#[tokio::test]
async fn recovery_goes_with_its_table() {
    let db = Db::with_table().await;
    update(&db, json!({ "PointInTimeRecoveryEnabled": true })).await;
    db.ok("DeleteTable", json!({ "TableName": "tab" })).await;
    let asked = [
        ("DescribeContinuousBackups", json!({ "TableName": "tab" })),
        ("UpdateContinuousBackups", set(json!({ "PointInTimeRecoveryEnabled": true }))),
    ];
    for (op, input) in asked {
        let none = db.refused(op, input).await;
        assert_eq!((none.code.as_str(), none.message.as_str()), ("TableNotFoundException", "Table not found: tab"));
    }
    // At once, while the old table's rows may still be there.
    db.ok("CreateTable", composite("tab")).await;
    assert_eq!(described(&db).await, json!({ "PointInTimeRecoveryStatus": "DISABLED" }));
    wait_until_async(Duration::from_secs(10), async || db.rows().await == 2).await.unwrap();
    assert_eq!(db.rows().await, 2, "the next table's id and the new table");
}
