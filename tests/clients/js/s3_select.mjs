// Asks for a part of an object with the AWS SDK for JavaScript and prints what it saw of the answer's events as JSON.

import { CreateBucketCommand, PutObjectCommand, S3Client, SelectObjectContentCommand } from "@aws-sdk/client-s3";

const Bucket = process.argv[2];
const client = new S3Client({ maxAttempts: 1 });
const steps = {};

await client.send(new CreateBucketCommand({ Bucket }));
await client.send(new PutObjectCommand({ Bucket, Key: "people", Body: "name,age\nAda,36\nBob,7\nEve,5\n" }));

const ask = (Expression) => client.send(new SelectObjectContentCommand({
  Bucket, Key: "people", Expression, ExpressionType: "SQL",
  InputSerialization: { CSV: { FileHeaderInfo: "USE" } }, OutputSerialization: { JSON: {} },
}));

steps.records = "";
steps.kinds = [];
for await (const event of (await ask("SELECT s.name FROM S3Object s WHERE s.age > 30")).Payload) {
  steps.kinds.push(...Object.keys(event));
  if (event.Records) steps.records += Buffer.from(event.Records.Payload).toString();
  if (event.Stats) {
    const { BytesScanned, BytesProcessed, BytesReturned } = event.Stats.Details;
    steps.stats = [BytesScanned, BytesProcessed, BytesReturned];
  }
}
steps.refused = await ask("SELECT 1").then(() => "no error", ({ name }) => name);

console.log(JSON.stringify(steps));
