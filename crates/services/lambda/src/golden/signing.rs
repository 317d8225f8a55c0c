//! Of code signing, and of policies as they were written.

use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::Key;

use super::{golden, id, keys_are, map};
use crate::keys::{
    FunctionSigningKey, FunctionSigningRow, SignedFunctionKey, SignedRow, SigningKey, SigningRow, WrittenPolicyKey,
    WrittenPolicyRow,
};

#[test]
fn golden_keys() {
    let (account, region) = (AccountId::local(), Region::default_region());
    keys_are([
        (
            SigningKey(&account, &region, "csc-1").encode(),
            r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x18\x02csc-1\x00",
        ),
        (FunctionSigningKey(&id()).encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x19\x02f\x00"),
        (
            SignedFunctionKey("csc-1", &id()).encode(),
            r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x1a\x02csc-1\x00\x02f\x00",
        ),
        (WrittenPolicyKey(&id(), None).encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x1b\x02f\x00\x02\x00"),
        (
            WrittenPolicyKey(&id(), Some("1")).encode(),
            r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x1b\x02f\x00\x021\x00",
        ),
    ]);
}

#[test]
fn golden_rows() {
    golden(
        &SigningRow {
            description: "d".into(),
            publishers: vec!["p".into()],
            enforced: true,
            modified: UnixMillis(1),
            tags: map("t", "v"),
        },
        r"\x01\x01d\x01\x01p\x01\x02\x01\x01t\x01v",
    );
    golden(&FunctionSigningRow { config: "csc-1".into() }, r"\x01\x05csc-1");
    golden(&SignedRow, r"\x01");
    golden(&WrittenPolicyRow { frame: "{}".into(), statements: vec!["{}".into()] }, r"\x01\x02{}\x01\x02{}");
}
