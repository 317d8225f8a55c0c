//! Of layers, and what is attached to functions.

use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::Key;

use super::{golden, id, keys_are};
use crate::keys::layers::LayerRow;
use crate::keys::{AttachedKey, LayerCodeKey, LayerKey, LayerPolicyKey, LayerVersionKey, LayerVersionRow};
use crate::model::attached::{Attached, Layer, Mount};
use crate::model::config::Code;
use crate::model::layer::{LayerId, LayerVersion};
use crate::model::name::Version;

fn code() -> Code {
    Code { blob: "b".into(), sha256: [7; 32], size: 300 }
}

#[test]
fn golden_keys() {
    let layer = LayerId { account: AccountId::local(), region: Region::default_region(), name: "l".into() };
    let version = LayerVersion { layer: layer.clone(), number: 258 };
    keys_are([
        (LayerKey(&layer).encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x14\x02l\x00"),
        (
            LayerVersionKey(&version).encode(),
            r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x15\x02l\x00\x1c\xff\xff\xff\xff\xff\xff\xfe\xfd",
        ),
        (LayerPolicyKey(&version).encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x16\x02l\x00\x16\x01\x02"),
        (
            LayerCodeKey("b", &version).encode(),
            r"\x11\x02layer code\x00\x02b\x00\x02000000000000\x00\x02us-east-1\x00\x02l\x00\x16\x01\x02",
        ),
        (
            AttachedKey(&id(), Version(1)).encode(),
            r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x17\x02f\x00\x15\x01",
        ),
    ]);
}

#[test]
fn golden_rows() {
    golden(&LayerRow { last_version: 300 }, r"\x01\xac\x02");
    golden(
        &LayerVersionRow {
            created: UnixMillis(1),
            description: "d".into(),
            license: Some("MIT".into()),
            runtimes: Some(vec!["python3.12".into()]),
            architectures: None,
            code: code(),
            unpacked: 1000,
        },
        r"\x01\x02\x01d\x01\x03MIT\x01\x01\npython3.12\x00\x01b\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xac\x02\xe8\x07",
    );
    golden(
        &Attached {
            layers: vec![Layer { arn: "a".into(), code: code(), unpacked: 1000 }],
            mounts: vec![Mount { arn: "m".into(), path: "/mnt/d".into() }],
            network: Some(true),
        },
        r"\x01\x01\x01a\x01b\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xac\x02\xe8\x07\x01\x01m\x06/mnt/d\x01\x01",
    );
}
