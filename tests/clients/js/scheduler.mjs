// Makes, lists and deletes schedules with the AWS SDK for JavaScript and prints what it was answered as JSON.

import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  SchedulerClient,
  paginateListSchedules,
} from "@aws-sdk/client-scheduler";

const [group, Arn, RoleArn] = process.argv.slice(2);
const client = new SchedulerClient({ maxAttempts: 1 });
const steps = {};

await client.send(new CreateScheduleGroupCommand({ Name: group, Tags: [{ Key: "k", Value: "v" }] }));
for (const Name of ["a", "b", "c"]) {
  await client.send(new CreateScheduleCommand({
    Name,
    GroupName: group,
    ScheduleExpression: "cron(0 8 ? * MON-FRI *)",
    ScheduleExpressionTimezone: "Europe/Zurich",
    StartDate: new Date("2100-01-01T00:00:00Z"),
    FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 15 },
    Target: { Arn, RoleArn, Input: "hello" },
  }));
}

steps.listed = [];
for await (const page of paginateListSchedules({ client, pageSize: 2 }, { GroupName: group })) {
  steps.listed.push(page.Schedules.map((schedule) => schedule.Name));
}

const shown = await client.send(new GetScheduleCommand({ Name: "a", GroupName: group }));
steps.shown = [shown.ScheduleExpressionTimezone, shown.StartDate.toISOString(), shown.FlexibleTimeWindow, shown.Target.Input];

await client.send(new DeleteScheduleCommand({ Name: "a", GroupName: group }));
try {
  await client.send(new GetScheduleCommand({ Name: "a", GroupName: group }));
} catch (error) {
  steps.gone = [error.name, error.message, error.$metadata.httpStatusCode];
}

console.log(JSON.stringify(steps));
