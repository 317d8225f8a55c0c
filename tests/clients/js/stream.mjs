// Calls a function for a stream with the AWS SDK for JavaScript and prints what it saw as JSON.

import { InvokeWithResponseStreamCommand, LambdaClient } from "@aws-sdk/client-lambda";

const FunctionName = process.argv[2];
const client = new LambdaClient({ maxAttempts: 1 });

async function stream(payload) {
  const command = new InvokeWithResponseStreamCommand({ FunctionName, Payload: JSON.stringify(payload), LogType: "Tail" });
  const answer = await client.send(command);
  const seen = { status: answer.StatusCode, text: "", moments: [] };
  for await (const event of answer.EventStream) {
    if (event.PayloadChunk) {
      seen.text += Buffer.from(event.PayloadChunk.Payload).toString();
      seen.moments.push(Date.now());
    } else {
      seen.complete = event.InvokeComplete;
    }
  }
  return seen;
}

const fine = await stream({});
const failed = (await stream({ fail: true })).complete;

console.log(
  JSON.stringify({
    status: fine.status,
    text: fine.text,
    gap: fine.moments.at(-1) - fine.moments[0],
    log: Buffer.from(fine.complete.LogResult, "base64").toString(),
    failed: [failed.ErrorCode, JSON.parse(failed.ErrorDetails).errorMessage],
  }),
);
