//! Bytes at rest: encrypted by the installation's key or by a client's, whatever way they come and go.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    BlockedEncryptionTypes, CompletedPart, CopyObjectInput, GetObjectInput, HeadObjectInput, PutBucketEncryptionInput,
    PutObjectInput, ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule, UploadPartInput, UploadPartOutput,
};
use updraft_kernel::AwsError;
use updraft_store::{KeyRange, ScanOptions, StoreExt as _};

use crate::support::{Cloud, words};

const NEEDLE: &[u8] = b"a sentence that nobody but its owner reads";

async fn cloud() -> Cloud {
    let cloud = Cloud::new();
    cloud.bucket("bucket").await;
    cloud
}

/// Needles and nothing else, of at least that size.
fn body(size: usize) -> Bytes {
    NEEDLE.repeat(size.div_ceil(NEEDLE.len())).into()
}

fn md5_of(body: &[u8]) -> String {
    Md5::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn has(hay: &[u8]) -> bool {
    hay.windows(NEEDLE.len()).any(|window| window == NEEDLE)
}

/// The three headers of a client's key.
fn key(seed: u8) -> [Option<String>; 3] {
    let bytes = [seed; 32];
    [Some("AES256".into()), Some(STANDARD.encode(bytes)), Some(STANDARD.encode(Md5::digest(bytes)))]
}

fn of_put(input: &mut PutObjectInput, seed: u8) {
    [input.sse_customer_algorithm, input.sse_customer_key, input.sse_customer_key_md5] = key(seed);
}

fn of_get(input: &mut GetObjectInput, seed: u8) {
    [input.sse_customer_algorithm, input.sse_customer_key, input.sse_customer_key_md5] = key(seed);
}

fn completed(number: i32, part: UploadPartOutput) -> CompletedPart {
    CompletedPart { e_tag: part.e_tag, part_number: Some(number), ..Default::default() }
}

impl Cloud {
    /// Whether a needle lies anywhere.
    async fn is_readable(&self) -> bool {
        let mut tx = self.world.store.read().await.unwrap();
        let all = KeyRange::new(vec![0], vec![u8::MAX]);
        let rows = tx.raw().scan(all, ScanOptions { limit: usize::MAX, max_bytes: usize::MAX, ..Default::default() });
        let in_rows = rows.await.unwrap().rows.iter().any(|(_, value)| has(value));
        in_rows || self.all_blobs().await.iter().any(|blob| has(blob))
    }

    async fn default_encryption(&self, algorithm: ServerSideEncryption, blocked: Option<&str>) {
        let default = ServerSideEncryptionByDefault { sse_algorithm: algorithm, ..Default::default() };
        let blocked = blocked.map(|one| BlockedEncryptionTypes { encryption_type: Some(vec![one.into()]) });
        let rule = ServerSideEncryptionRule {
            apply_server_side_encryption_by_default: Some(default),
            blocked_encryption_types: blocked,
            ..Default::default()
        };
        let input = PutBucketEncryptionInput {
            bucket: "bucket".into(),
            server_side_encryption_configuration: ServerSideEncryptionConfiguration { rules: vec![rule] },
            ..Default::default()
        };
        self.s3.put_bucket_encryption(&self.cx(), input).await.unwrap();
    }

    async fn copy(&self, more: impl FnOnce(&mut CopyObjectInput)) -> Result<Option<ServerSideEncryption>, AwsError> {
        let mut input = CopyObjectInput {
            bucket: "bucket".into(),
            key: "copy".into(),
            copy_source: "bucket/k".into(),
            ..Default::default()
        };
        more(&mut input);
        Ok(self.s3.copy_object(&self.cx(), input).await?.server_side_encryption)
    }
}

#[tokio::test]
async fn nothing_lies_anywhere_as_it_came() {
    let cloud = cloud().await;
    for size in [100, 16 << 10, 1 << 20] {
        let body = body(size);
        let put = cloud.put("k", body.clone()).await;
        assert_eq!(put.server_side_encryption, Some(ServerSideEncryption::Aes256));
        assert_eq!(put.e_tag.unwrap().trim_matches('"'), md5_of(&body), "of the bytes as they came");
        assert!(!cloud.is_readable().await, "{size}");
        let (got, read) = cloud.get("k", |_| {}).await.unwrap();
        assert!(read == body);
        assert_eq!(got.server_side_encryption, Some(ServerSideEncryption::Aes256));
        for (start, end) in [(0, 0), (5, 63), (size - 3, size - 1), (size / 2, size / 2 + 40)] {
            let range = format!("bytes={start}-{end}");
            let (_, read) = cloud.get("k", |input| input.range = Some(range)).await.unwrap();
            assert!(read == body[start..=end], "{size} {start}");
        }
    }
}

#[tokio::test]
async fn parts_and_copies_are_encrypted_too() {
    let cloud = cloud().await;
    let (first, last) = (body(5 << 20), body(300_000));
    let upload = cloud.begin("k").await;
    let mut parts = Vec::new();
    for (number, part) in [(1, first.clone()), (2, last.clone())] {
        let told = cloud.part_with((&upload, number), part, |_| {}).await.unwrap();
        assert_eq!(told.server_side_encryption, Some(ServerSideEncryption::Aes256));
        parts.push(completed(number, told));
    }
    let told = cloud.complete(&upload, parts).await.unwrap();
    assert_eq!(told.server_side_encryption, Some(ServerSideEncryption::Aes256));
    let whole = [first, last].concat();
    assert!(!cloud.is_readable().await);
    let at = (5 << 20) - 10;
    let (_, read) = cloud.get("k", |input| input.range = Some(format!("bytes={at}-{}", at + 90_000))).await.unwrap();
    assert!(read == whole[at..=at + 90_000]);
    assert_eq!(cloud.copy(|_| {}).await.unwrap(), Some(ServerSideEncryption::Aes256));
    assert!(!cloud.is_readable().await);
    assert!(cloud.get("copy", |_| {}).await.unwrap().1 == whole);
}

#[tokio::test]
async fn what_a_clients_key_encrypts_is_read_with_that_key_only() {
    let cloud = cloud().await;
    for size in [100, 1 << 20] {
        let body = body(size);
        let put = cloud.try_put("k", body.clone(), |input| of_put(input, 1)).await.unwrap();
        assert_eq!((put.server_side_encryption, put.sse_customer_key_md5), (None, key(1)[2].clone()));
        assert_ne!(put.e_tag.unwrap().trim_matches('"'), md5_of(&body), "it says nothing of them");
        assert!(!cloud.is_readable().await);
        let (got, read) = cloud.get("k", |input| of_get(input, 1)).await.unwrap();
        assert!(read == body);
        assert_eq!(got.sse_customer_algorithm.as_deref(), Some("AES256"));
        assert_eq!(
            words(cloud.get("k", |_| {}).await),
            "InvalidRequest: The object was stored using a form of Server Side Encryption. The correct parameters must be \
             provided to retrieve the object."
        );
        assert_eq!(words(cloud.get("k", |input| of_get(input, 2)).await), "AccessDenied: Access Denied");
        let head = HeadObjectInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
        assert!(words(cloud.s3.head_object(&cloud.cx(), head).await).starts_with("InvalidRequest"));
    }
    cloud.put("plain", "a").await;
    assert_eq!(
        words(cloud.get("plain", |input| of_get(input, 1)).await),
        "InvalidRequest: The encryption parameters are not applicable to this object."
    );
}

#[tokio::test]
async fn a_copy_changes_keys() {
    let cloud = cloud().await;
    let body = body(100_000);
    cloud.try_put("k", body.clone(), |input| of_put(input, 1)).await.unwrap();
    assert!(words(cloud.copy(|_| {}).await).starts_with("InvalidRequest: The object was stored"));
    let from = |input: &mut CopyObjectInput| {
        [
            input.copy_source_sse_customer_algorithm,
            input.copy_source_sse_customer_key,
            input.copy_source_sse_customer_key_md5,
        ] = key(1);
    };
    assert_eq!(cloud.copy(from).await.unwrap(), Some(ServerSideEncryption::Aes256));
    assert!(cloud.get("copy", |_| {}).await.unwrap().1 == body);
    let to = |input: &mut CopyObjectInput| {
        from(input);
        [input.sse_customer_algorithm, input.sse_customer_key, input.sse_customer_key_md5] = key(2);
    };
    assert_eq!(cloud.copy(to).await.unwrap(), None);
    assert!(cloud.get("copy", |input| of_get(input, 2)).await.unwrap().1 == body);
}

#[tokio::test]
async fn parts_come_with_the_key_that_their_upload_came_with() {
    let cloud = cloud().await;
    let keyed = |seed| {
        move |input: &mut UploadPartInput| {
            [input.sse_customer_algorithm, input.sse_customer_key, input.sse_customer_key_md5] = key(seed);
        }
    };
    let upload = cloud
        .begin_with("k", |input| {
            [input.sse_customer_algorithm, input.sse_customer_key, input.sse_customer_key_md5] = key(1)
        })
        .await;
    let refused = words(cloud.part_with((&upload, 1), "a", |_| {}).await);
    assert!(refused.starts_with("InvalidRequest: The multipart upload initiate requested encryption."), "{refused}");
    let refused = words(cloud.part_with((&upload, 1), "a", keyed(2)).await);
    assert_eq!(refused, "InvalidRequest: The provided encryption parameters did not match the ones used originally.");
    let part = completed(1, cloud.part_with((&upload, 1), "abc", keyed(1)).await.unwrap());
    let told = cloud.complete(&upload, vec![part]).await.unwrap();
    assert_eq!(told.checksum_crc64_nvme, None, "AWS: nobody asked for it");
    assert_eq!(cloud.get("k", |input| of_get(input, 1)).await.unwrap().1, "abc");
    let plain = cloud.begin("k").await;
    let refused = words(cloud.part_with((&plain, 1), "a", keyed(1)).await);
    assert!(refused.starts_with("InvalidRequest: The multipart upload initiate requested encryption."), "{refused}");
}

#[tokio::test]
async fn a_bucket_says_how_and_what_there_isnt_is_refused() {
    let cloud = cloud().await;
    let kms = |input: &mut PutObjectInput| input.server_side_encryption = Some(ServerSideEncryption::AwsKms);
    let not_built = "NotImplemented: A header you provided implies functionality that is not implemented";
    assert_eq!(words(cloud.try_put("k", "a", kms).await), not_built);
    cloud.default_encryption(ServerSideEncryption::AwsKms, None).await;
    assert_eq!(words(cloud.try_put("k", "a", |_| {}).await), not_built, "never another encryption than was asked for");
    let ours = |input: &mut PutObjectInput| input.server_side_encryption = Some(ServerSideEncryption::Aes256);
    cloud.try_put("k", "a", ours).await.unwrap();
    cloud.default_encryption(ServerSideEncryption::Aes256, Some("SSE-C")).await;
    assert_eq!(words(cloud.try_put("k", "a", |input| of_put(input, 1)).await), "AccessDenied: Access Denied");
    cloud.put("k", "a").await;
}
