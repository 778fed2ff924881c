import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNotify } from "../../functions/notify.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { jobRow, runRow } from "./card-rows.ts";
import { openStore, openWorkspace, type Workspace } from "./slack-world.ts";

let opened: Awaited<ReturnType<typeof openStore>>;
let workspace: Workspace;
let notify: ReturnType<typeof createNotify>;
let changes = 0;

beforeAll(async () => {
  opened = await openStore();
  workspace = await openWorkspace(opened.store);
  notify = createNotify({
    ...opened.environment,
    SLACK_BOT_TOKEN: "xoxb-local",
    SLACK_API_URL: workspace.slack.apiUrl,
  });
});
afterAll(async () => {
  await workspace.slack.stop();
  await opened.close();
});

const changed = (jobId: string, sk: string, eventName: "INSERT" | "MODIFY") => {
  changes += 1;
  const Keys = { pk: { S: `JOB#${jobId}` }, sk: { S: sk } };
  return { Records: [{ eventName, dynamodb: { Keys, SequenceNumber: String(changes) } }] };
};
const cardOf = (jobId: string) =>
  JSON.stringify(
    workspace.slack.workspace.messages("C0CODY").find(({ blocks }) => JSON.stringify(blocks).includes(jobId)),
  );

/** A job whose progress has to wait so long from now: it counts from the submit. */
async function aJob(jobId: string, waitMs: number) {
  const createdAt = new Date(Date.now() + waitMs - 3_000).toISOString();
  const job = jobRow({ jobId, createdAt, channelId: "C0CODY", userId: "U0REQUESTER", repositories: ["acme/orders"] });
  await opened.store.insertJob(job);
  await opened.store.insertRound(firstRound(job));
  await notify(changed(jobId, "JOB", "INSERT"));
  await opened.store.openRun({ ...runRow("acme/orders", "queued"), jobId });
  await opened.store.moveRun({ jobId, repository: "acme/orders", round: 1 }, ["queued"], {
    state: "working",
    activity: "reading pom.xml",
  });
  await notify(changed(jobId, "REPO#acme/orders", "MODIFY"));
  return job;
}

describe("the function behind the table's stream", () => {
  it("leaves out progress that would wait for long, but shows at once what somebody pressed", async () => {
    const { jobId } = await aJob("j0000000000000001", 60_000);
    expect(cardOf(jobId)).toContain("queued");
    await opened.store.requestCancel(jobId, "*", { by: "U0REQUESTER", round: 1 });
    await notify(changed(jobId, "JOB", "MODIFY"));
    expect(cardOf(jobId)).toContain("stopping");
  });

  it("shows what it left out with the next job that moves, once there is room", async () => {
    const { jobId } = await aJob("j0000000000000002", 3_600);
    await new Promise((resolve) => setTimeout(resolve, 3_700));
    await aJob("j0000000000000003", 60_000);
    expect(cardOf(jobId)).toContain("reading pom.xml");
  });
});
