import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNotify } from "../../functions/notify.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import type { JobStore } from "../../packages/store/jobs.ts";
import { aJob, aRun } from "../builders.ts";
import { openWorkspace, type Workspace } from "../slack/world.ts";
import { CREDENTIALS, TABLE } from "../stand-ins/dynamodb-folder.ts";
import { openStore } from "../store/backends.ts";
import { ownTableOnDisk } from "../store/own-table.ts";

const table = ownTableOnDisk();
let store: JobStore;
let workspace: Workspace;
let notify: ReturnType<typeof createNotify>;
let changes = 0;
/** The function's own time: it goes on when a test says so. */
let now = Date.now();

beforeAll(async () => {
  ({ store } = openStore(table.url, () => new Date()));
  workspace = await openWorkspace(store);
  notify = createNotify(environment(), () => now);
});
afterAll(async () => {
  await workspace.slack.stop();
});

const environment = () => ({
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_ENDPOINT_URL_DYNAMODB: table.url,
  CODY_TABLE: TABLE,
  SLACK_BOT_TOKEN: "xoxb-local",
  SLACK_API_URL: workspace.slack.apiUrl,
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

async function openJob(jobId: string, createdAt: string) {
  const job = aJob({ jobId, createdAt, channelId: "C0CODY", userId: "U0REQUESTER", repositories: ["acme/orders"] });
  await store.insertJob(job);
  await store.insertRound(firstRound(job));
  await notify(changed(jobId, "JOB", "INSERT"));
  await store.openRun({ ...aRun({ repository: "acme/orders" }), jobId });
  await store.moveRun({ jobId, repository: "acme/orders", round: 1 }, ["queued"], {
    state: "working",
    activity: "reading pom.xml",
  });
}
const moved = (jobId: string) => notify(changed(jobId, "REPO#acme/orders", "MODIFY"));

describe("the function behind the table's stream", () => {
  it("leaves out progress that would wait for long, shows at once what a person pressed, and the rest once there is a slot", async () => {
    const [first, ...others] = ["j0000000000000001", "j0000000000000002", "j0000000000000003"] as const;
    for (const jobId of [first, ...others]) await openJob(jobId, new Date(now - 60_000).toISOString());
    // Three jobs at once wait 4.5 s each between two updates, longer than the function waits.
    await Promise.all([first, ...others].map(moved));
    for (const jobId of [first, ...others]) expect(cardOf(jobId)).toContain("queued");

    await store.requestCancel(first, "*", { by: "U0REQUESTER", round: 1 });
    await notify(changed(first, "JOB", "MODIFY"));
    expect(cardOf(first)).toContain("Stopping");
    for (const jobId of others) expect(cardOf(jobId)).toContain("queued");

    now += 4_600;
    await moved(others[0]);
    for (const jobId of others) expect(cardOf(jobId)).toContain("Reading pom.xml");
  });

  it("waits once only where a row was written before the clock was set back", async () => {
    const jobId = "j0000000000000004";
    const ahead = createNotify(environment());
    await openJob(jobId, new Date(Date.now() + 600_000).toISOString());
    await ahead(changed(jobId, "REPO#acme/orders", "MODIFY"));
    expect(cardOf(jobId)).toContain("Reading pom.xml");
  });
});
