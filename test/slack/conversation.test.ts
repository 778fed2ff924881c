import { describe, expect, it } from "vitest";
import type { Conversation, Turn } from "../../packages/conversation/conversation.ts";
import type { RunRef } from "../../packages/jobs/execution.ts";
import { conversationKey, turnKey } from "../../packages/store/keys.ts";
import { lookActionId, PLACES } from "../../packages/views/history/places.ts";
import { aCall, aResult, aText, aTurn, fromModel, fromUser } from "../turn-builders.ts";
import { historyWorld, homeAfter, modalSaying, NOW } from "./history-world.ts";

const world = historyWorld();
const REPOSITORY = "acme/orders";
const usage = { input: 12, cacheWrite5m: 300, cacheWrite1h: 0, cacheRead: 9_000, output: 250 };
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

const turnOf = (ref: RunRef, turn: number, words: Partial<Record<"told" | "why" | "answer", string>> = {}): Turn =>
  aTurn({
    ...ref,
    turn,
    sent: [
      fromUser(
        turn === 1
          ? aText(words.told ?? "Repository: x.\n\n<task>\nRaise it\n</task>\n")
          : aResult(`call-${turn - 1}`, words.answer ?? `Answer to call ${turn - 1}`, turn % 10 === 0),
      ),
    ],
    received: fromModel(
      { type: "thinking", thinking: words.why ?? `Because of part ${turn}.`, signature: "s" },
      aCall(`call-${turn}`, "read_file", { path: `src/part-${turn}.ts` }),
    ),
    model: "scripted-claude",
    messageId: `m${turn}`,
    usage,
    costUsd: 0.0123,
    requestedAt: NOW.toISOString(),
    answeredAt: new Date(NOW.getTime() + 3_000).toISOString(),
  });

async function conversation(turns: number, words?: Parameters<typeof turnOf>[2]) {
  const job = await world.job({ prompt: "Talk about it", repositories: [REPOSITORY] }, ["unchanged"], { turns });
  const ref = { jobId: job.jobId, round: 1, repository: REPOSITORY };
  for (let turn = 1; turn <= turns; turn++)
    world.memory.objects.set(turnKey(ref, turn), bytes(turnOf(ref, turn, words)));
  return ref;
}

async function openConversation(style: "simple" | "technical") {
  await homeAfter(world.requester, () => world.requester.openHome());
  await world.requester.clickHome(lookActionId("job-0"));
  const modal = await modalSaying(world.requester, "Talk about it");
  await modal.click(lookActionId("run-0"));
  await modalSaying(world.requester, "Read the conversation");
  world.memory.reads.length = 0;
  await modal.click(lookActionId(style));
  return modal;
}

describe("a conversation of 2,000 turns", () => {
  it("says what it did and why, fifteen turns a page, and reads no other turns", async () => {
    await conversation(2_000);
    const modal = await openConversation("simple");
    await modalSaying(world.requester, "turns 1 to 15 of 2,000");
    const first = JSON.stringify(modal.view.blocks);
    expect(first).toContain("Was told: Raise it");
    expect(first).not.toContain("Repository: x.");
    expect(first).toMatch(/Because of part 15\..*Read src\/part-15\.ts/);
    expect(first).toContain("Read src/part-9.ts: failed, Answer to call 9");
    expect(first).not.toContain("Answer to call 8");
    expect(world.memory.reads).toHaveLength(16);

    world.memory.reads.length = 0;
    await modal.click(`${PLACES.turn}-top-last`);
    await modalSaying(world.requester, "turns 1,996 to 2,000 of 2,000");
    expect(world.memory.reads).toHaveLength(5);
    await modal.click(`${PLACES.turn}-bottom-earlier`);
    await modalSaying(world.requester, "turns 1,981 to 1,995");
    await modal.click(`${PLACES.turn}-select`, "31");
    await modalSaying(world.requester, "turns 31 to 45");
    await modal.click(PLACES.back);
    await modalSaying(world.requester, "Read the conversation");
    expect(world.workspace.refused).toEqual([]);
  });

  it("shows calls, results and tokens in the technical view, at the same place", async () => {
    await conversation(2_000);
    const modal = await openConversation("simple");
    await modalSaying(world.requester, "turns 1 to 15");
    await modal.click(`${PLACES.turn}-top-later`);
    await modalSaying(world.requester, "turns 16 to 30");
    world.memory.reads.length = 0;
    await modal.click(`${PLACES.turn}-style`);
    await modalSaying(world.requester, "turns 16 to 20");
    const shown = JSON.stringify(modal.view.blocks);
    for (const words of ["Turn 16", "Called read_file", "src/part-20.ts", "Answer to call 20", "$0.01", "9,000", "3 s"])
      expect(shown).toContain(words);
    expect(shown).toContain("It failed");
    expect(world.memory.reads).toHaveLength(6);
    const menu = modal.view.blocks.flatMap((block) => (block.elements ?? []) as { options?: unknown[] }[]);
    expect(menu.find(({ options }) => options)!.options).toHaveLength(100);
  });
});

describe("a conversation", () => {
  it("is read from conversation.json when its turns have gone", async () => {
    const ref = await conversation(0);
    const entries = [1, 2].flatMap((turn): Conversation["entries"] => {
      const { sent, received } = turnOf(ref, turn);
      return [
        ...sent[0]!.content.map((content) => ({
          timestamp: NOW.toISOString(),
          role: "human" as const,
          type: "message" as const,
          turn,
          content,
        })),
        ...received.content.map((content, i) => ({
          timestamp: NOW.toISOString(),
          role: "assistant" as const,
          type: "tool_call" as const,
          turn,
          content,
          ...(i === 1 && { usage }),
        })),
      ];
    });
    const stored: Conversation = { ...ref, model: "m", scripted: true, system: "s", tools: [], entries };
    world.memory.objects.set(conversationKey(ref), bytes(stored));
    await world.store.moveRun(ref, ["unchanged"], { turns: 2 });
    const modal = await openConversation("technical");
    await modalSaying(world.requester, "turns 1 to 2 of 2");
    expect(JSON.stringify(modal.view.blocks)).toMatch(/Answer to call 1.*Because of part 2/);
  });

  it("is chosen from a menu for a later round; a round that asked nothing yet says so", async () => {
    const ref = await conversation(3);
    await world.store.insertRound({
      jobId: ref.jobId,
      round: 2,
      kind: "refine",
      repositories: [REPOSITORY],
      prompt: "And that",
      requestedBy: "U0REQUESTER",
      requestedAt: NOW.toISOString(),
    });
    const modal = await openConversation("simple");
    await modalSaying(world.requester, "Round 2 has no turns yet.");
    await modal.click(`${PLACES.turn}-round`, "1");
    await modalSaying(world.requester, "Round 1 · turns 1 to 3 of 3");
  });

  it("fits Slack's limits whatever was said", async () => {
    const hostile = `<!channel>\u202e"\\\u0000\ud800${"ж".repeat(200_000)}`;
    await conversation(15, { told: hostile, why: hostile, answer: hostile });
    const modal = await openConversation("simple");
    await modalSaying(world.requester, "turns 1 to 15");
    await modal.click(`${PLACES.turn}-style`);
    await modalSaying(world.requester, "turns 1 to 5");
    expect(JSON.stringify(modal.view)).not.toContain("\u202e");
    expect(world.workspace.refused).toEqual([]);
  });
});
