// A consumer as applications have it, the library sqs-consumer, unchanged: what it was given, and what became a dead letter.

import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Consumer } from "sqs-consumer";

const [name, count] = [process.argv[2], Number(process.argv[3])];
const sqs = new SQSClient({});

const dead = (await sqs.send(new CreateQueueCommand({ QueueName: `${name}-dead` }))).QueueUrl;
const asked = { QueueUrl: dead, AttributeNames: ["QueueArn"] };
const deadLetterTargetArn = (await sqs.send(new GetQueueAttributesCommand(asked))).Attributes.QueueArn;
const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
const queueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy } }))).QueueUrl;

const bodies = [...Array(count).keys()].map((n) => (n === 3 ? "poison" : `job ${n}`));
for (let from = 0; from < count; from += 10) {
  const Entries = bodies.slice(from, from + 10).map((MessageBody, n) => ({ Id: `${n}`, MessageBody }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
}

const [done, errors] = [[], []];
let tries = 0;
const consumer = Consumer.create({
  queueUrl,
  sqs,
  batchSize: 10,
  waitTimeSeconds: 1,
  terminateVisibilityTimeout: true,
  handleMessage: async (message) => {
    if (message.Body === "poison") {
      tries += 1;
      throw new Error("it cannot be handled");
    }
    done.push(message.Body);
    return message;
  },
});
for (const event of ["error", "timeout_error"]) consumer.on(event, (error) => errors.push(`${event}: ${error.message}`));
consumer.start();

const letter = await arrived(dead);
while (done.length < count - 1) await new Promise((resolve) => setTimeout(resolve, 20));
consumer.stop({ abort: true });
console.log(JSON.stringify({ done: done.sort(), tries, letter, errors }));

async function arrived(QueueUrl) {
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    if (Messages) return Messages[0].Body;
  }
  throw new Error("nothing became a dead letter");
}
