// A small products service: API Gateway HTTP API -> Lambda -> DynamoDB.
//
// The table's name comes from the environment, the client is made once per instance, and every answer says honestly
// what happened: 201, 200, 204, 400 with what is wrong, 404, 409 on a duplicate, 500 without a word of the inside.

import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";

import { errorsIn } from "./products.mjs";

// Outside the handler: made once, used by every invocation of this instance.
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const TableName = process.env.TABLE_NAME;

const PAGE = 50;
const PAGE_MAX = 100;

/** A request that is answered with an error the caller can act on. */
class Refused extends Error {
  constructor(status, message, details = {}) {
    super(message);
    this.status = status;
    this.body = { message, ...details };
  }
}

const routes = {
  "POST /products": create,
  "GET /products": listAll,
  "GET /products/{id}": read,
  "PUT /products/{id}": replace,
  "DELETE /products/{id}": remove,
};

/** Entry point; `event` has the HTTP API's payload format 2.0. */
export async function handler(event, context) {
  try {
    return await (routes[event.routeKey] ?? noRoute)(event);
  } catch (err) {
    if (err instanceof Refused) return answer(err.status, err.body);
    // The cause is for the log; the caller gets an id to ask about.
    console.error("request failed", err);
    return answer(500, { message: "Something went wrong on our side.", requestId: context.awsRequestId });
  }
}

async function create(event) {
  const product = checked(bodyOf(event));
  product.id ??= randomUUID();
  const put = new PutCommand({ TableName, Item: product, ConditionExpression: "attribute_not_exists(id)" });
  await sent(put, () => new Refused(409, `A product with the id '${product.id}' exists already.`));
  return answer(201, product, { location: `/products/${product.id}` });
}

async function read(event) {
  const { id } = event.pathParameters;
  const { Item } = await client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
  if (!Item) throw notFound(id);
  return answer(200, Item);
}

async function listAll(event) {
  const query = event.queryStringParameters ?? {};
  const request = { TableName, Limit: limitOf(query) };
  if (query.next !== undefined) request.ExclusiveStartKey = { id: tokenToId(query.next) };
  const page = await client.send(new ScanCommand(request));
  const body = { products: page.Items };
  if (page.LastEvaluatedKey) body.next = Buffer.from(page.LastEvaluatedKey.id).toString("base64url");
  return answer(200, body);
}

async function replace(event) {
  const { id } = event.pathParameters;
  const product = checked({ ...bodyOf(event), id });
  await sent(new PutCommand({ TableName, Item: product, ConditionExpression: "attribute_exists(id)" }), () => notFound(id));
  return answer(200, product);
}

async function remove(event) {
  const { id } = event.pathParameters;
  const condition = { ConditionExpression: "attribute_exists(id)" };
  await sent(new DeleteCommand({ TableName, Key: { id }, ...condition }), () => notFound(id));
  return { statusCode: 204 };
}

function noRoute(event) {
  throw new Refused(404, `There is no ${event.routeKey} here.`);
}

/** Sends a conditional write; where its condition fails, `refused` says what that means. */
async function sent(command, refused) {
  try {
    return await client.send(command);
  } catch (err) {
    throw err instanceof ConditionalCheckFailedException ? refused() : err;
  }
}

/** The request's body as a JSON object. */
function bodyOf(event) {
  const text = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : (event.body ?? "");
  let body;
  try {
    body = JSON.parse(text);
  } catch (err) {
    throw new Refused(400, `The body is not valid JSON: ${err.message}.`);
  }
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw new Refused(400, "The body must be a JSON object.");
  }
  return body;
}

/** The product, or every reason why it isn't one. */
function checked(body) {
  const errors = errorsIn(body);
  if (errors.length > 0) throw new Refused(400, "The product is not valid.", { errors });
  return body;
}

function limitOf({ limit = String(PAGE) }) {
  const wanted = /^\d+$/.test(limit) ? Number(limit) : 0;
  if (wanted < 1 || wanted > PAGE_MAX) throw new Refused(400, `limit must be a whole number from 1 to ${PAGE_MAX}.`);
  return wanted;
}

function tokenToId(token) {
  const id = Buffer.from(token, "base64url").toString();
  if (id === "" || id.includes("\ufffd")) throw new Refused(400, "next is not a token of this list.");
  return id;
}

function notFound(id) {
  return new Refused(404, `There is no product with the id '${id}'.`);
}

function answer(statusCode, body, headers = {}) {
  return { statusCode, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
