// Walks through the messages of a FIFO queue with the AWS SDK for JavaScript and prints what it saw as JSON.

import {
  ChangeMessageVisibilityCommand, DeleteMessageBatchCommand, DeleteMessageCommand, GetQueueAttributesCommand,
  ReceiptHandleIsInvalid, ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient,
} from "@aws-sdk/client-sqs";

const QueueUrl = process.argv[2];
const client = new SQSClient({ maxAttempts: 1 });
const steps = {};

const MessageAttributes = { a: { DataType: "String", StringValue: "1" } };
const message = { MessageBody: "hello", MessageAttributes, MessageGroupId: "g", MessageDeduplicationId: "1" };
const sent = await client.send(new SendMessageCommand({ QueueUrl, ...message }));
steps.sent = [sent.MessageId.length === 36, sent.SequenceNumber.length];
const entry = { MessageGroupId: "g", MessageBody: "again" };
const Entries = [
  { Id: "1", ...entry, MessageDeduplicationId: "2" },
  { Id: "2", ...entry, MessageDeduplicationId: "3", DelaySeconds: 5 },
];
const batch = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
steps.batch = [batch.Successful.map(({ Id }) => Id), batch.Failed.map(({ Id, Code }) => `${Id} ${Code}`).join()];

const asked = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"] };
const { Messages } = await client.send(new ReceiveMessageCommand({ ...asked, WaitTimeSeconds: 5 }));
steps.received = Messages.map(({ Body, MessageAttributes, Attributes }) => {
  const own = Object.entries(MessageAttributes ?? {}).map(([name, value]) => [name, value.StringValue]);
  return [Body, Object.fromEntries(own), Attributes.ApproximateReceiveCount];
});
const [first, second] = Messages.map(({ ReceiptHandle }) => ReceiptHandle);
await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: first, VisibilityTimeout: 60 }));
try {
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "garbage" }));
} catch (error) {
  steps.invalid = [error instanceof ReceiptHandleIsInvalid, error.name];
}
await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first }));
await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: "1", ReceiptHandle: second }] }));
const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
steps.left = Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
console.log(JSON.stringify(steps));
