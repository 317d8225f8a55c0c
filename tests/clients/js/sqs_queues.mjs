// Walks through the queues of SQS with the AWS SDK for JavaScript and prints what it saw as JSON.

import {
  CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, GetQueueUrlCommand, ListQueuesCommand,
  ListQueueTagsCommand, QueueDoesNotExist, QueueNameExists, SQSClient, SetQueueAttributesCommand, TagQueueCommand,
} from "@aws-sdk/client-sqs";

const QueueName = process.argv[2];
const client = new SQSClient({ maxAttempts: 1 });
const steps = {};

const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName, Attributes: { DelaySeconds: "7" } }));
steps.found = (await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl === QueueUrl;
steps.listed = (await client.send(new ListQueuesCommand({ QueueNamePrefix: QueueName }))).QueueUrls;
await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "9" } }));
const asked = { QueueUrl, AttributeNames: ["DelaySeconds", "VisibilityTimeout"] };
steps.attributes = (await client.send(new GetQueueAttributesCommand(asked))).Attributes;
await client.send(new TagQueueCommand({ QueueUrl, Tags: { a: "1" } }));
steps.tags = (await client.send(new ListQueueTagsCommand({ QueueUrl }))).Tags;

const other = await failure(new CreateQueueCommand({ QueueName, Attributes: { DelaySeconds: "8" } }));
steps.other = [other instanceof QueueNameExists, other.name, other.$metadata.httpStatusCode];
await client.send(new DeleteQueueCommand({ QueueUrl }));
const gone = await failure(new GetQueueUrlCommand({ QueueName }));
steps.gone = [gone instanceof QueueDoesNotExist, gone.name, gone.message];
console.log(JSON.stringify(steps));

async function failure(command) {
  try {
    await client.send(command);
  } catch (error) {
    return error;
  }
  throw new Error(`${command.constructor.name} was to fail`);
}
