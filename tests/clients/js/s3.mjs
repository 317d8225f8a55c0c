// Walks through the objects of a bucket with the AWS SDK for JavaScript and prints what it saw as JSON: bytes and streams
// with every checksum, uploads in parts, pages, versions, signed links, refusals.

import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";

import {
  CreateBucketCommand, DeleteObjectCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand,
  ListMultipartUploadsCommand, NoSuchKey, PutBucketVersioningCommand, PutObjectCommand, S3Client,
  paginateListObjectsV2, waitUntilObjectExists,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const Bucket = process.argv[2];
const client = new S3Client({ maxAttempts: 1 });
const steps = {};
const MIB = 2 ** 20;

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
const noise = (size) => Buffer.concat(Array.from({ length: Math.ceil(size / 32) }, (_, i) =>
  createHash("sha256").update(`${i}`).digest())).subarray(0, size);
const read = async (Key, more = {}) => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from(await Body.transformToByteArray());
};
const error = (call) => call.then(() => "no error", ({ name, $metadata }) => [name, $metadata?.httpStatusCode]);

await client.send(new CreateBucketCommand({ Bucket }));
await client.send(new PutObjectCommand({ Bucket, Key: "text", Body: "hello", ContentType: "text/x", Metadata: { a: "b c" } }));
const text = await client.send(new GetObjectCommand({ Bucket, Key: "text" }));
steps.text = [await text.Body.transformToString(), text.ContentType, text.Metadata, text.ETag];

steps.checksums = {};
for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]) {
  const bytes = noise(MIB + 7);
  const Body = Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)]);
  const asked = { Bucket, Key: ChecksumAlgorithm, Body, ContentLength: bytes.length, ChecksumAlgorithm };
  const put = await client.send(new PutObjectCommand(asked));
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: ChecksumAlgorithm, ChecksumMode: "ENABLED" }));
  const name = `Checksum${ChecksumAlgorithm}`;
  const same = digest(await read(ChecksumAlgorithm, { ChecksumMode: "ENABLED" })) === digest(bytes);
  steps.checksums[ChecksumAlgorithm] = [put[name] !== undefined && put[name] === head[name], same];
}

const large = noise(12 * MIB + 3);
const upload = new Upload({ client, params: { Bucket, Key: "large", Body: Readable.from(large) }, partSize: 5 * MIB });
const seen = [];
upload.on("httpUploadProgress", ({ part }) => seen.push(part));
const done = await upload.done();
await waitUntilObjectExists({ client, maxWaitTime: 20 }, { Bucket, Key: "large" });
steps.upload = [done.ETag.slice(-3), seen.sort().join(), digest(await read("large")) === digest(large)];
const Range = `bytes=${5 * MIB - 1}-${5 * MIB}`;
steps.range = (await read("large", { Range })).equals(large.subarray(5 * MIB - 1, 5 * MIB + 1));

const given = new Upload({ client, params: { Bucket, Key: "given-up", Body: Readable.from(large) }, partSize: 5 * MIB });
given.on("httpUploadProgress", () => given.abort());
steps.aborted = (await error(given.done()))[0];
// It says so before it has told the server.
for (const until = Date.now() + 30_000; ;) {
  steps.left = ((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).length;
  if (steps.left === 0 || Date.now() > until) break;
  await setTimeout(20);
}
steps.none = await error(client.send(new GetObjectCommand({ Bucket, Key: "given-up" })));

const put = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: "link", Metadata: { a: "b" } }), { expiresIn: 60 });
steps.put = (await fetch(put, { method: "PUT", body: "through a link" })).status;
const get = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: "link", ResponseContentType: "text/y" }));
const link = await fetch(get);
steps.get = [await link.text(), link.headers.get("content-type"), link.headers.get("x-amz-meta-a")];
steps.forged = (await fetch(get.replace("link", "text"))).status;

for (const Key of ["p/1", "p/2", "p/3", "p/q/4"]) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
steps.pages = [];
for await (const page of paginateListObjectsV2({ client, pageSize: 2 }, { Bucket, Prefix: "p/", Delimiter: "/" })) {
  steps.pages.push([...(page.Contents ?? []).map(({ Key }) => Key), ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix)]);
}
const Objects = ["p/1", "p/2", "nothing"].map((Key) => ({ Key }));
steps.deleted = (await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))).Deleted.map(({ Key }) => Key);

steps.taken = await error(client.send(new PutObjectCommand({ Bucket, Key: "text", Body: "no", IfNoneMatch: "*" })));
steps.missing = await error(client.send(new HeadObjectCommand({ Bucket, Key: "p/1" })));
await client.send(new GetObjectCommand({ Bucket, Key: "p/1" })).catch((err) => { steps.typed = err instanceof NoSuchKey; });

await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
const { VersionId } = await client.send(new PutObjectCommand({ Bucket, Key: "text", Body: "newer" }));
const marker = await client.send(new DeleteObjectCommand({ Bucket, Key: "text" }));
steps.versions = [marker.DeleteMarker, `${await read("text", { VersionId })}`, `${await read("text", { VersionId: "null" })}`];

console.log(JSON.stringify(steps));
