import { mkdirSync } from "node:fs";
import { App, type BlockButtonAction, LogLevel, type types } from "@slack/bolt";
import { type Campaign, jobOfWave, waveFrom } from "../../packages/jobs/campaign.ts";
import { countsIn } from "../../packages/jobs/campaign-step.ts";
import type { Session } from "../../packages/jobs/job-record.ts";
import { because } from "../../packages/jobs/reasons.ts";
import { sessionOf } from "../../packages/jobs/session.ts";
import { cookieHeader } from "../../packages/stand-ins/loopback/page-key.ts";
import { startSlack } from "../../packages/stand-ins/slack/start.ts";
import { button } from "../../packages/views/button.ts";
import { renderCampaign, type ShownCampaign } from "../../packages/views/campaign-card.ts";
import { campaignInputs } from "../../packages/views/campaign-form.ts";
import { type CardContent, renderCard } from "../../packages/views/card.ts";
import { FIRST_HOME } from "../../packages/views/history/home-state.ts";
import { homeView } from "../../packages/views/history/home-view.ts";
import { jobView } from "../../packages/views/history/job-view.ts";
import { numbersView } from "../../packages/views/history/numbers-view.ts";
import { monthBeside, type NumberedJob } from "../../packages/views/history/read-numbers.ts";
import { runView } from "../../packages/views/history/run-view.ts";
import type { ListedSchedule } from "../../packages/views/history/schedules.ts";
import { renderDirectMessage, renderReply } from "../../packages/views/reply.ts";
import { reviewModal } from "../../packages/views/review.ts";
import { scheduleInputs } from "../../packages/views/schedule-form.ts";
import { plain } from "../../packages/views/text.ts";
import { HELP, welcome } from "../../packages/views/welcome.ts";
import { AT, aCampaign, aJob, aPullRequest, aRunOf, aSchedule, aStartedRun, aStatus, JOB_ID } from "../builders.ts";
import { APP_TOKEN, BOT_TOKEN } from "../fixtures/slack-standin-app.ts";
import { agentManifest } from "../slack/agent-manifest.ts";
import { shownRecords } from "../views/shown-records.ts";
import { launchChromium, SIZES } from "./chromium.ts";

/**
 * Makes a picture of every view at every size and in both colours, from rows alone: `node test/browser/views.ts FOLDER
 * [NAME]`. To look at, not to compare. In docs/images are campaign, set-card (as change-set), report, schedule-form (as
 * schedule, on a phone) and session-working (as agent-session), light.
 */
const TALL = 2_400;
const [folder = "pictures", only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

/** In the name of a person of this workspace. */
const records: ReturnType<typeof shownRecords> = JSON.parse(
  JSON.stringify(shownRecords()).replaceAll('"U1"', '"U0REQUESTER"'),
);
const cards = Object.entries(records).filter(([name]) => only === undefined || name.includes(only));
const patch = new TextEncoder().encode(
  "diff --git a/pom.xml b/pom.xml\nindex 1..2 100644\n--- a/pom.xml\n+++ b/pom.xml\n@@ -1,2 +1,2 @@\n <a/>\n-<v>2.14.1</v>\n+<v>2.17.1</v>\n",
);
const modals = Object.entries(records).flatMap(([name, record]): [string, types.ModalView][] => [
  [`${name}-details`, jobView(record, [], [{ kind: "job", jobId: record.job.jobId }])],
  ...record.runs
    .slice(0, 1)
    .map((run): [string, types.ModalView] => [
      `${name}-run`,
      runView(record, run, [], [{ kind: "run", jobId: run.jobId, repository: run.repository }]),
    ]),
  [`${name}-review`, reviewModal(record, new Map(record.runs.map((run) => [run.repository, patch])))],
]);

const schedules: ListedSchedule[] = [
  {
    schedule: aSchedule({ nextAt: "2026-11-30T05:00:00.000Z", last: { plannedAt: AT, jobId: JOB_ID } }),
    spentUsd: 3.2,
    lastJob: Object.values(records)[0],
  },
  {
    schedule: aSchedule({
      name: "Close stale dependencies",
      rhythm: { every: "first-of-month", weekday: "friday", at: "18:30", zone: "America/New_York" },
      paused: { at: AT, reason: because("schedule-failures") },
    }),
    spentUsd: 0,
  },
];
const merged = (number: number, repository: string, month: string, prompt: string, isMerged: boolean): NumberedJob => {
  const job = aJob({ createdAt: `${month}-10T06:00:00.000Z`, repositories: [repository] });
  const pullRequest = aPullRequest(repository, number);
  const status = aStatus({
    ...{ number, head: pullRequest.commit, openedAt: `${month}-10T06:30:00Z` },
    ...(isMerged && { state: "merged", mergedAt: `${month}-10T11:${10 + (number % 40)}:00Z` }),
  });
  return {
    job,
    label: prompt,
    runs: [aRunOf(job, { repository, spendUsd: 0.42, pullRequest, pullRequestStatus: status })],
  };
};
const numbers = Array.from({ length: 60 }, (_, i) =>
  merged(
    i + 1,
    ["acme/orders", "acme/shop", "acme/gateway"][i % 3]!,
    ["2026-06", "2026-08", "2026-09", "2026-10", "2026-11", "2026-11"][i % 6]!,
    ["Raise log4j-core to at least 2.17.1", "weekly dependencies"][i % 2]!,
    i % 4 !== 0,
  ),
);
/** Two waves of five: something of every kind, and the rest to come. */
function campaign(): ShownCampaign {
  const repositories = Array.from({ length: 12 }, (_, i) => `acme/service-${i + 1}`);
  const start = (before: Campaign, wave: string[]): Campaign => {
    const next = waveFrom(before, { repositories: wave, at: AT, channelId: "C0CODY" });
    return { ...before, waves: [...before.waves, next] };
  };
  const first = start(aCampaign({ repositories, userId: "U0REQUESTER", costLimitUsd: 40 }), repositories.slice(0, 2));
  const begun = start(first, repositories.slice(2, 7));
  const states = [
    { state: "merged" },
    { state: "merged" },
    { checks: "passed" },
    { checks: "failed", failed: ["build"], failedCount: 1 },
    { state: "closed", by: "ada" },
  ] as const;
  const runs = begun.waves
    .flatMap(({ jobId, repositories }) => repositories.map((repository) => ({ jobId, repository })))
    .map((of, i) => {
      const status = states[i];
      if (!status) return aStartedRun({ ...of, state: i === 5 ? "unchanged" : "working" });
      const pullRequestStatus = aStatus({
        number: 20 + i,
        ...status,
        failed: [...("failed" in status ? status.failed : [])],
      });
      return aStartedRun({
        ...of,
        state: "published",
        pullRequest: aPullRequest(of.repository, 20 + i),
        pullRequestStatus,
      });
    });
  const links = new Map(begun.waves.map(({ jobId }) => [jobId, "https://slack.example/archives/C0CODY/p1"]));
  return { campaign: begun, jobs: begun.waves.map((wave) => jobOfWave(begun, wave)), runs, links };
}
const shownCampaign = campaign();
const saved = { name: "log4j", savedAt: AT, repositories: aSchedule().repositories, options: aSchedule().options };
modals.push(
  [
    "campaign-form",
    {
      type: "modal",
      callback_id: "x",
      title: plain("Start a campaign", 24),
      submit: plain("Next", 24),
      blocks: campaignInputs("Raise log4j-core to at least 2.17.1"),
    },
  ],
  [
    "report",
    numbersView(
      {
        month: "2026-11",
        months: Array.from({ length: 6 }, (_, i) => monthBeside("2026-06", i)),
        jobs: numbers,
        cut: false,
      },
      new Date("2026-11-28T12:00:00Z"),
    ),
  ],
  [
    "schedule-form",
    {
      type: "modal",
      title: plain("Schedule", 24),
      submit: plain("Schedule", 24),
      blocks: scheduleInputs({ template: saved, before: undefined, zone: "Europe/Berlin" }),
    },
  ],
);

const slack = await startSlack({ log: () => {}, manifest: agentManifest(), botToken: BOT_TOKEN, appToken: APP_TOKEN });
const app = new App({
  token: BOT_TOKEN,
  appToken: APP_TOKEN,
  socketMode: true,
  logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl: slack.apiUrl },
});
app.action<BlockButtonAction>(/^show-/, async ({ ack, action, body, client }) => {
  await ack();
  await client.views.open({ trigger_id: body.trigger_id, view: modals[Number(action.value)]![1] });
});
await app.start();
const browser = await launchChromium();
try {
  const channel = "C0CODY";
  for (const size of ["desktop", "phone"] as const)
    for (const scheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ viewport: SIZES[size], colorScheme: scheme, timezoneId: "UTC" });
      const page = await context.newPage();
      await page.setExtraHTTPHeaders(cookieHeader(slack.pageKey));
      await page.goto(slack.pageUrl("requester"));
      const keepMessage = async (name: string, content: CardContent, session?: Session) => {
        const { ts } = await app.client.chat.postMessage({ channel, ...content });
        if (session)
          await app.client.agents.sessions.setStatus({ channel_id: channel, thread_ts: ts!, status: session });
        const shown = page.locator(`#conversation .message[data-ts="${ts}"]${session ? ":has(.session)" : ""}`);
        await shown.screenshot({ path: `${folder}/${name}-${size}-${scheme}.png` });
        return ts!;
      };
      // Whole, whatever the screen's height.
      await page.setViewportSize({ ...SIZES[size], height: TALL });
      for (const [name, record] of cards) {
        await keepMessage(`${name}-card`, renderCard(record));
        if (name === "working" || name === "waiting")
          await keepMessage(`session-${name}`, renderCard(record), sessionOf(record));
        if (!record.rounds[0]) continue;
        await keepMessage(`${name}-reply`, renderReply(record, record.rounds[0]));
        await keepMessage(
          `${name}-direct`,
          renderDirectMessage(record, record.rounds[0], "https://slack.example/card"),
        );
      }
      if (only === undefined || only === "welcome") {
        await keepMessage("welcome", welcome(slack.people.requester.id));
        await keepMessage("help", { text: HELP, blocks: [] });
      }
      if (only === undefined || only === "campaign") await keepMessage("campaign", renderCampaign(shownCampaign));
      for (const [i, [name]] of modals.entries()) {
        if (only !== undefined && !name.includes(only)) continue;
        const elements = [button(`show ${name}`, "show-it", `${i}`)];
        await app.client.chat.postMessage({ channel, text: "x", blocks: [{ type: "actions", elements }] });
        await page
          .getByRole("button", { name: `show ${name}`, exact: true })
          .last()
          .click();
        const modal = page.locator("dialog.modal");
        await modal.waitFor();
        await modal.screenshot({ path: `${folder}/${name}-${size}-${scheme}.png` });
        await page.keyboard.press("Escape");
        await modal.waitFor({ state: "detached" });
      }
      if (only === undefined || only === "home") {
        const all = Object.values(records);
        const view = homeView({
          state: FIRST_HOME,
          open: all.slice(0, 3),
          month: { since: "2026-11-01", jobs: all, cut: false },
          schedules,
          campaigns: [
            {
              campaign: { ...shownCampaign.campaign, counts: countsIn(shownCampaign) },
              permalink: "https://slack.example/archives/C0CODY/p1",
            },
          ],
          recent: all,
        });
        await app.client.views.publish({ user_id: slack.people.requester.id, view });
        if (size === "phone") await page.locator(".burger").click();
        await page
          .locator("#sidebar")
          .getByRole("button", { name: / home$/ })
          .click();
        await page.locator(".home .blocks > *").first().waitFor();
        await page.screenshot({ path: `${folder}/home-${size}-${scheme}.png`, fullPage: true });
      }
      await context.close();
    }
} finally {
  await browser.close();
  await app.stop();
  await slack.stop();
}
