import { z } from "zod";
import { type AwsConfig, awsOptions } from "../config/aws-options.ts";
import { CampaignId, ScheduleId } from "../jobs/ids.ts";

type WakeConfig = AwsConfig & { AWS_ENDPOINT_URL_LAMBDA?: string | undefined };

/** What a person has pressed for: it is looked at now, and not with all that is due. */
export const Pressed = z.union([
  z.object({ teamId: z.string().min(1), scheduleId: ScheduleId }),
  z.object({ campaignId: CampaignId }),
]);
export type Pressed = z.infer<typeof Pressed>;

/** Starts the function of Publish's zone; it finds by itself what is due. */
export const wakeChangeSet = (config: WakeConfig & { CODY_CHANGE_SET_FUNCTION?: string | undefined }): Promise<void> =>
  invoke(config, config.CODY_CHANGE_SET_FUNCTION, {});

/** Starts what a schedule or a campaign has due. Without it the next look of that function does the same. */
export const wakeSchedule = (
  config: WakeConfig & { CODY_SCHEDULE_FUNCTION?: string | undefined },
  pressed: Pressed,
): Promise<void> => invoke(config, config.CODY_SCHEDULE_FUNCTION, pressed);

/** Waits for nothing of it. On one machine there are timers. */
async function invoke(config: WakeConfig, name: string | undefined, event: object): Promise<void> {
  if (name === undefined) return;
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const lambda = new LambdaClient(awsOptions(config, config.AWS_ENDPOINT_URL_LAMBDA));
  await lambda.send(new InvokeCommand({ FunctionName: name, InvocationType: "Event", Payload: JSON.stringify(event) }));
}
