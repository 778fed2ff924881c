import type { JobRecord } from "../../../packages/jobs/job-record.ts";
import { submitJob } from "../../../packages/local/demo/act.ts";
import { type DemoOptions, SAMPLE_PROMPT } from "../../../packages/local/demo/options.ts";
import type { SlackMessage } from "../../../packages/stand-ins/slack/workspace.ts";
import { afterChange } from "../../story/row-changes.ts";
import { until } from "../../story/world.ts";
import type { Cloud } from "./cloud.ts";

/** What a person does in front of the deployment, and what they wait for. */
export function atTheScreen({ slack, store, stream }: Pick<Cloud, "slack" | "store" | "stream">) {
  const person = slack.people.requester;
  const jobIds = async () =>
    (await store.jobsOfUser({ teamId: "T0LOCAL", userId: person.id }, { limit: 10 })).items.map(({ jobId }) => jobId);

  return {
    ...person,
    async submit(repositories: string[], changes: Partial<DemoOptions> = {}): Promise<string> {
      const before = await jobIds();
      // A job that repeats an open pull request ends before it costs anything: each one is for something else.
      const prompt = `${SAMPLE_PROMPT} For ticket ${before.length + 1}.`;
      const options = { repo: [], keep: false, prompt, delivery: "open-pr" as const, ...changes };
      await submitJob(person, options, repositories);
      return afterChange(stream, async () => (await jobIds()).find((id) => !before.includes(id)));
    },
    /** The job's rows, once they hold. */
    rows: (jobId: string, holds: (record: JobRecord) => boolean): Promise<JobRecord> =>
      afterChange(stream, async (changed) => {
        if (!changed.some(({ dynamodb: { Keys } }) => Keys.pk?.S === `JOB#${jobId}`)) return undefined;
        const record = await store.readJob(jobId);
        return record && holds(record) ? record : undefined;
      }),
    /** The job's card, once it shows these words. */
    card: (jobId: string, words: string): Promise<SlackMessage> =>
      until(() =>
        slack.workspace
          .channels()
          .flatMap(({ id }) => slack.workspace.messages(id))
          .find((message) => {
            const text = JSON.stringify(message);
            return message.metadata?.event_type === "cody_card" && text.includes(jobId) && text.includes(words);
          }),
      ),
  };
}
