// Publishes with the AWS SDK for JavaScript and prints what it was answered as JSON.

import { PublishBatchCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";

const TopicArn = process.argv[2];
const client = new SNSClient({ maxAttempts: 1 });
const steps = {};

const MessageAttributes = {
  bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2]) },
  n: { DataType: "Number", StringValue: "7" },
};
await client.send(new PublishCommand({ TopicArn, Message: "single", MessageAttributes }));

const PublishBatchRequestEntries = ["a", "b"].map((Message, n) => ({ Id: String(n + 1), Message }));
const batch = await client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
steps.successful = batch.Successful.map((entry) => entry.Id);
steps.failed = batch.Failed ?? [];

try {
  await client.send(new PublishCommand({ TopicArn, Message: "x", MessageAttributes: { n: { DataType: "Number", StringValue: "x" } } }));
} catch (error) {
  steps.refused = [error.name, error.$metadata.httpStatusCode];
}

console.log(JSON.stringify(steps));
