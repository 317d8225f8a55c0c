// Invokes a function with the AWS SDK for JavaScript and prints what it saw as JSON.

import { GetFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

const FunctionName = process.argv[2];
const client = new LambdaClient({ maxAttempts: 1 });
const decode = (payload) => JSON.parse(Buffer.from(payload).toString() || "null");
const invoke = (payload) => client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload), LogType: "Tail" }));

const found = await client.send(new GetFunctionCommand({ FunctionName }));
const fine = await invoke({ greet: "you" });
const failed = await invoke({ fail: true });
const missing = await client.send(new InvokeCommand({ FunctionName: "js-never-there" })).catch((err) => err);

console.log(
  JSON.stringify({
    runtime: found.Configuration.Runtime,
    fine: [fine.StatusCode, fine.FunctionError ?? null, decode(fine.Payload)],
    log: Buffer.from(fine.LogResult, "base64").toString(),
    failed: [failed.FunctionError, decode(failed.Payload).errorMessage],
    missing: [missing.name, missing.$metadata.httpStatusCode],
  }),
);
