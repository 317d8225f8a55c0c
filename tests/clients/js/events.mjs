// Makes a bus, a rule and a connection with the AWS SDK for JavaScript, puts events and prints what it was answered as JSON.

import {
  CreateConnectionCommand,
  CreateEventBusCommand,
  DeleteConnectionCommand,
  DescribeConnectionCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";

const [name, Arn] = process.argv.slice(2);
const client = new EventBridgeClient({ maxAttempts: 1 });
const steps = {};

const { EventBusArn } = await client.send(new CreateEventBusCommand({ Name: name }));
const EventPattern = JSON.stringify({ source: [name], detail: { n: [{ numeric: [">", 1] }] } });
await client.send(new PutRuleCommand({ Name: "r", EventBusName: name, EventPattern }));
const InputTransformer = { InputPathsMap: { n: "$.detail.n" }, InputTemplate: '{"n": <n>, "rule": <aws.events.rule-name>}' };
const targets = await client.send(new PutTargetsCommand({
  Rule: "r",
  EventBusName: name,
  Targets: [{ Id: "t", Arn, InputTransformer }],
}));
steps.failedTargets = targets.FailedEntryCount;

const entry = (n) => ({ Source: name, DetailType: "t", Detail: JSON.stringify({ n }), EventBusName: name, Time: new Date() });
const Entries = [entry(1), entry(2), { ...entry(3), Detail: "no JSON" }];
const put = await client.send(new PutEventsCommand({ Entries }));
steps.failed = [put.FailedEntryCount, put.Entries.map((one) => one.ErrorCode ?? typeof one.EventId)];

const rules = await client.send(new ListRulesCommand({ EventBusName: name }));
steps.rules = rules.Rules.map((rule) => [rule.Arn === EventBusArn.replace(":event-bus/", ":rule/") + "/r", rule.State]);

const Event = JSON.stringify({
  id: "1", source: name, account: "000000000000", time: "2030-01-01T00:00:00Z", region: "us-east-1", resources: [],
  "detail-type": "t", detail: { n: 5 },
});
steps.matches = (await client.send(new TestEventPatternCommand({ EventPattern, Event }))).Result;

await client.send(new CreateConnectionCommand({
  Name: name,
  AuthorizationType: "API_KEY",
  AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "k", ApiKeyValue: "secret" } },
}));
const connection = await client.send(new DescribeConnectionCommand({ Name: name }));
steps.connection = [connection.ConnectionState, connection.AuthParameters, connection.CreationTime instanceof Date];
await client.send(new DeleteConnectionCommand({ Name: name }));
try {
  await client.send(new DescribeConnectionCommand({ Name: name }));
} catch (error) {
  steps.gone = [error.name, error.$metadata.httpStatusCode];
}

console.log(JSON.stringify(steps));
