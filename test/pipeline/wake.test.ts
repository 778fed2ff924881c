import { expect, it, onTestFinished } from "vitest";
import { wakeSchedule } from "../../packages/pipeline/wake.ts";
import { startLambda } from "../../packages/stand-ins/lambda/lambda.ts";

it("a press wakes the one function with what was pressed for, and nothing where a timer looks", async () => {
  const keys = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
  const event = Promise.withResolvers<unknown>();
  const functions = { Schedule: async (given: unknown) => event.resolve(given) };
  const lambda = await startLambda({ functions, region: "eu-west-1", log: () => {}, ...keys });
  onTestFinished(() => lambda.stop());
  const config = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
  };
  await wakeSchedule(config, { campaignId: "c0123456789abcdef" });
  await wakeSchedule(
    { ...config, CODY_SCHEDULE_FUNCTION: "Schedule" },
    { teamId: "T1", scheduleId: "s0123456789abcdef" },
  );
  expect(await event.promise).toEqual({ teamId: "T1", scheduleId: "s0123456789abcdef" });
  await expect(
    wakeSchedule({ ...config, CODY_SCHEDULE_FUNCTION: "Gone" }, { campaignId: "c0123456789abcdef" }),
  ).rejects.toThrow("Function not found");
});
