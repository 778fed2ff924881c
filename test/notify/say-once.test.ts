import { WebAPIPlatformError } from "@slack/web-api";
import { expect, it } from "vitest";
import { removeMessage } from "../../packages/notify/remove-message.ts";
import { sayOnce } from "../../packages/notify/say-once.ts";
import { aRecord } from "../builders.ts";

const CARD = { jobId: "j1", channelId: "C1", claimedAt: "2026-11-28T09:00:00.000Z" };
const NOW = new Date("2026-11-28T10:00:00.000Z");

/** `claimedAt`: when another process began to post it. */
async function said(claimedAt: string, there: string | undefined) {
  const kept: string[] = [];
  let waits = 0;
  const deps = {
    store: {
      readJob: async () => ({ ...aRecord([]), card: { ...CARD, replies: { "1": `claimed ${claimedAt}` } } }),
      claimReply: async () => "claimed" as const,
      keepReply: async (_: string, __: unknown, ts: string) => {
        kept.push(ts);
        return "kept" as const;
      },
    },
    slack: { chat: { delete: () => Promise.reject(new Error("Nothing is there twice.")) } },
    log: () => {},
    now: () => NOW,
    sleep: async () => void waits++,
  };
  const message = { jobId: "j1", key: 1, known: `claimed ${claimedAt}` };
  await sayOnce(deps, {
    ...message,
    find: async () => (there === undefined ? undefined : { ts: there }),
    post: async () => ({ ts: "posted" }),
  });
  return { kept, waits };
}

it("a message that another process has just posted and not remembered is found at the first look", async () => {
  expect(await said(NOW.toISOString(), "17.2")).toEqual({ kept: ["17.2"], waits: 0 });
});

it("one whose claim is old and that is nowhere is posted at once", async () => {
  expect(await said("2026-11-28T09:00:00.000Z", undefined)).toEqual({ kept: ["posted"], waits: 0 });
});

it("one that another process has taken back already does not stand twice; one that Slack keeps does", async () => {
  const logged: string[] = [];
  for (const error of ["message_not_found", "cant_delete_message"]) {
    const refuse = () => Promise.reject(new WebAPIPlatformError({ ok: false, error }));
    const deps = { slack: { chat: { delete: refuse } }, log: (line: string) => void logged.push(line) };
    await removeMessage(deps, { channelId: "C1", ts: "17.2", id: "j1" });
  }
  expect(logged).toEqual(["j1: its message 17.2 stands twice in C1 and could not be taken back: cant_delete_message"]);
});
