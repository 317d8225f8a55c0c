"use strict";
// What both kinds of clients have in common of what they tell functions.

function fromHeader(text, complain) {
  if (!text) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw complain(error);
  }
}

function environmentData() {
  const env = process.env;
  return {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}

/** `complain(name)` makes, from a problem with a header's JSON, the error to throw. */
function headerData(headers, complain) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const parsed = (header, name) => fromHeader(headers[header], complain(header, name));
  return {
    clientContext: parsed("lambda-runtime-client-context", "ClientContext"),
    identity: parsed("lambda-runtime-cognito-identity", "CognitoIdentity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId: headers["lambda-runtime-aws-tenant-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function forwardTrace(headers) {
  const trace = headers["lambda-runtime-trace-id"];
  if (trace) {
    process.env._X_AMZN_TRACE_ID = trace;
  } else {
    delete process.env._X_AMZN_TRACE_ID;
  }
}

/** AWS: what can't be posted since it has no JSON is a wrong argument of its client's own. */
function serialized(result, StringifyError) {
  let body;
  try {
    body = JSON.stringify(result === undefined ? null : result);
  } catch {
    throw new StringifyError("Unable to stringify response body");
  }
  if (body === undefined) {
    throw new TypeError("Wrong arguments");
  }
  return body;
}

module.exports = { environmentData, headerData, forwardTrace, serialized };
