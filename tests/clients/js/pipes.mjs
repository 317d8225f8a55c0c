// Makes, lists, stops and deletes a pipe with the AWS SDK for JavaScript and prints what it was answered as JSON.

import {
  CreatePipeCommand,
  DeletePipeCommand,
  DescribePipeCommand,
  PipesClient,
  StopPipeCommand,
  paginateListPipes,
} from "@aws-sdk/client-pipes";

const [Name, Source, Target, RoleArn] = process.argv.slice(2);
const client = new PipesClient({ maxAttempts: 1 });
const steps = {};

async function settled(state) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const pipe = await client.send(new DescribePipeCommand({ Name }));
    if (pipe.CurrentState === state) return pipe;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the pipe isn't ${state}`);
}

const SourceParameters = { SqsQueueParameters: { BatchSize: 5 } };
const made = await client.send(new CreatePipeCommand({ Name, Source, Target, RoleArn, SourceParameters, Tags: { k: "v" } }));
steps.made = made.CurrentState;
const shown = await settled("RUNNING");
steps.shown = [shown.SourceParameters.SqsQueueParameters, shown.Tags, shown.CreationTime instanceof Date];

steps.listed = [];
for await (const page of paginateListPipes({ client }, { NamePrefix: Name })) {
  steps.listed.push(...page.Pipes.map((pipe) => pipe.Name));
}

await client.send(new StopPipeCommand({ Name }));
await settled("STOPPED");
await client.send(new DeletePipeCommand({ Name }));
try {
  for (let left = 1_200; left > 0; left -= 1) {
    await client.send(new DescribePipeCommand({ Name }));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
} catch (error) {
  steps.gone = [error.name, error.$metadata.httpStatusCode];
}

console.log(JSON.stringify(steps));
