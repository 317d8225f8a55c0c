// Walks through DynamoDB with the AWS SDK for JavaScript and prints what it saw as JSON.

import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";

const TableName = process.argv[2];
const client = new DynamoDBClient({ maxAttempts: 1 });
const items = DynamoDBDocumentClient.from(client);
const Key = { id: "a" };
const steps = {};

await client.send(
  new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  }),
);
await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 30 }, { TableName });
steps.status = (await client.send(new DescribeTableCommand({ TableName }))).Table.TableStatus;

await items.send(new PutCommand({ TableName, Item: { ...Key, n: 1.5, list: [1, "two", null], map: { x: true } } }));
steps.got = (await items.send(new GetCommand({ TableName, Key }))).Item;

const plusOne = { UpdateExpression: "SET n = n + :one", ExpressionAttributeValues: { ":one": 1 } };
steps.updated = (await items.send(new UpdateCommand({ TableName, Key, ...plusOne, ReturnValues: "UPDATED_NEW" }))).Attributes;

const byKey = { KeyConditionExpression: "id = :id", ExpressionAttributeValues: { ":id": "a" } };
steps.queried = (await items.send(new QueryCommand({ TableName, ...byKey }))).Items.map((item) => item.id);

const puts = ["b", "c"].map((id) => ({ PutRequest: { Item: { id } } }));
await items.send(new BatchWriteCommand({ RequestItems: { [TableName]: puts } }));
steps.scanned = (await items.send(new ScanCommand({ TableName }))).Items.map((item) => item.id);

const refused = await failure(new PutCommand({ TableName, Item: Key, ConditionExpression: "attribute_not_exists(id)" }));
steps.refused = [refused.name, refused.$metadata.httpStatusCode, refused.message];

await items.send(new DeleteCommand({ TableName, Key }));
steps.missing = (await items.send(new GetCommand({ TableName, Key }))).Item ?? null;

await client.send(new DeleteTableCommand({ TableName: "js-never-there" })).catch((err) => (steps.gone = err.name));
console.log(JSON.stringify(steps));

async function failure(command) {
  try {
    await items.send(command);
  } catch (err) {
    return err;
  }
  throw new Error("it was to fail");
}
