import { describe, expect, it } from "vitest";
import { readConfig } from "../../packages/config/read.ts";
import { because } from "../../packages/jobs/reasons.ts";
import { createSlackClient } from "../../packages/notify/client.ts";
import { createTellSchedule } from "../../packages/notify/tell-schedule.ts";
import {
  CAMPAIGN_REFUSALS,
  createMayStart,
  createMayStartAll,
  createRefusal,
  SCHEDULE_REFUSALS,
} from "../../slack/schedule-rights.ts";
import { aSchedule } from "../builders.ts";
import { slackWorld } from "./slack-world.ts";

const world = slackWorld();
const client = () => createSlackClient("xoxb-local", { slackApiUrl: world.workspace.slack.apiUrl });
const schedule = aSchedule({ teamId: "T0LOCAL", userId: "U0REQUESTER", channelId: "C0CODY" });

const configOf = (environment: Record<string, string>) =>
  readConfig("schedule", {
    AWS_REGION: "r",
    CODY_TABLE: "t",
    CODY_BUCKET: "b",
    SLACK_BOT_TOKEN: "xoxb-1",
    ...environment,
  });

function mayStart(
  environment: Record<string, string> = {},
  changes: Partial<Parameters<typeof createMayStartAll>[0]> = {},
) {
  const config = configOf(environment);
  return createMayStartAll(
    {
      config,
      users: client().users,
      mayPush: async (_, login) => login === "ada",
      models: () => [{ id: schedule.options.model }],
      ...changes,
    },
    SCHEDULE_REFUSALS,
  );
}
const PEOPLE = { CODY_PEOPLE: JSON.stringify({ U0REQUESTER: "ada", U0SECOND: "bob" }) };
const codeFor = async (may: ReturnType<typeof mayStart>, changes = {}) => {
  const answer = await may({ ...schedule, ...changes });
  return "reason" in answer ? answer.reason.code : answer;
};

describe("whether a schedule's owner may start its job now", () => {
  it("is decided as for a submit: by what the deployment says of people, channels, repositories and models", async () => {
    const answer = await mayStart()(schedule);
    expect(answer).toMatchObject({ channelId: "C0CODY", requester: { name: expect.any(String) } });
    expect(await codeFor(mayStart({ CODY_READERS: "requester" }))).toMatchObject({ channelId: "U0REQUESTER" });
    expect(await codeFor(mayStart({ CODY_CHANNELS: "C0OTHER" }))).toBe("schedule-owner-refused");
    expect(await codeFor(mayStart({ CODY_REPOS: "other/*" }))).toBe("schedule-repository-refused");
    expect(await codeFor(mayStart({}, { models: () => [] }))).toBe("schedule-model-gone");
    const strict = { CODY_STRICT: "1", ...PEOPLE };
    expect(await codeFor(mayStart(strict))).toMatchObject({ requester: { login: "ada" } });
    expect(await codeFor(mayStart(strict), { userId: "U0SECOND" })).toBe("schedule-no-rights");
    expect(await codeFor(mayStart({ CODY_STRICT: "1", CODY_PEOPLE: '{"U0SECOND":"bob"}' }))).toBe(
      "schedule-owner-refused",
    );
  });

  it("ends for a person whom Slack does not know, or who is a guest by now", async () => {
    expect(await codeFor(mayStart(), { userId: "U0NOBODY" })).toBe("schedule-owner-gone");
    const as = (changes: object) => ({
      users: { info: async () => ({ ok: true, user: { id: "U0REQUESTER", team_id: "T0LOCAL", ...changes } }) },
    });
    for (const changes of [{ deleted: true }, { is_restricted: true }, { team_id: "T0ELSEWHERE" }])
      expect(await codeFor(mayStart({}, as(changes) as never))).toBe("schedule-owner-gone");
  });

  it("is not known while Slack or GitHub do not answer: then nothing is paused", async () => {
    const silent = { users: { info: () => Promise.reject(new Error("timed out")) } };
    await expect(mayStart({}, silent as never)(schedule)).rejects.toThrow("timed out");
    const strict = mayStart({ CODY_STRICT: "1", ...PEOPLE }, { mayPush: () => Promise.reject(new Error("502")) });
    await expect(strict(schedule)).rejects.toThrow("502");
  });
});

describe("whether a campaign may go on", () => {
  it("is one question about its owner, and another about each repository", async () => {
    const rights = { users: client().users, models: () => [{ id: schedule.options.model }] };
    const may = createMayStart({ ...rights, config: configOf({}) }, CAMPAIGN_REFUSALS);
    expect(await may({ ...schedule, userId: "U0NOBODY" })).toMatchObject({ reason: { code: "campaign-owner-gone" } });
    const ended = createMayStart({ ...rights, models: () => [], config: configOf({}) }, CAMPAIGN_REFUSALS);
    expect(await ended(schedule)).toMatchObject({ reason: { code: "campaign-model-gone" } });
    const config = configOf({ CODY_STRICT: "1", CODY_REPOS: "acme/*", ...PEOPLE });
    const mayPush = async (repository: string) => repository === "acme/orders";
    const refusal = createRefusal({ config, mayPush }, CAMPAIGN_REFUSALS);
    const said = async (repository: string) => (await refusal(schedule, repository))?.message;
    expect(await said("acme/orders")).toBeUndefined();
    expect(await said("acme/gone")).toBe(
      "acme/gone is not there any more, or ada, for whom it runs, may not write to it.",
    );
    expect(await said("other/orders")).toMatch(/other\/orders/);
  });
});

it("its owner is told directly, the channel where that person is gone, and what cannot be posted is logged", async () => {
  const logged: string[] = [];
  const tell = createTellSchedule({ slack: client(), log: (line) => logged.push(line) });
  const { workspace } = world.workspace.slack;
  const texts = () =>
    workspace.channels().map(({ id }) => [
      id,
      workspace
        .messages(id)
        .map(({ text }) => text)
        .join(),
    ]);
  await tell(schedule, because("schedule-failures"));
  await tell(schedule, because("schedule-owner-gone"));
  await tell({ ...schedule, userId: "U0NOBODY" }, because("schedule-failures"));
  const [inChannel, ...direct] = texts().toSorted(([a], [b]) => Number(b === "C0CODY") - Number(a === "C0CODY"));
  expect(inChannel![1]).toMatch(
    /^The schedule “log4j” of <@U0REQUESTER> \(every Monday 06:00, Europe\/Berlin\): It is paused: the person/,
  );
  expect(direct.map(([, words]) => words).join()).toMatch(
    /its last 3 runs failed, one after the other\. Look at the card/,
  );
  expect(logged).toEqual([expect.stringContaining("schedule-failures could not be told")]);
});
