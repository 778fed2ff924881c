import { WebAPIPlatformError } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { AT } from "../builders.ts";
import { jumpingClock } from "../local/jumping-clock.ts";
import { type Fault, faulty } from "./faulty.ts";
import { KINDS, type MessageKind, openMessageWorld, standingClock, type World } from "./message-world.ts";

/** To die or to stall after an effect is to do so before the next one. */
const DIES = { how: "dies", when: "before" } as const;
const STALLS = { how: "stalls", when: "before" } as const;
const ALL_WAYS = [DIES, STALLS, { how: "fails", when: "before" }, { how: "fails", when: "after" }] as const;

const ofKind = (world: World, { event }: MessageKind) =>
  world.messages().filter(({ metadata }) => metadata?.event_type === event);
const wordsOf = (message: object) => JSON.stringify(message);
const deliver = (world: World, kind: MessageKind) => kind.show(world.depsOver(world.effects));

/** Delivered to a process that meets its fault. undefined: it had nothing to do any more before that. */
async function deliverFaulty(world: World, kind: MessageKind, fault: Fault, meanwhile: () => Promise<unknown>) {
  const { effects, died, met } = faulty(world.effects, fault, meanwhile);
  await Promise.race([kind.show(world.depsOver(effects)).catch(() => "failed"), died]);
  return met();
}

/** Every effect of a delivery once, in every way in which it can go wrong. */
async function atEveryStep(
  ways: readonly Omit<Fault, "nth">[],
  play: (fault: Fault) => Promise<{ met: string | undefined; wrong: string[] }>,
) {
  const wrong: string[] = [];
  const steps: string[] = [];
  for (const way of ways)
    for (let nth = 1; ; nth++) {
      const played = await play({ ...way, nth });
      if (played.met === undefined) break;
      steps.push(played.met);
      wrong.push(...played.wrong.map((what) => `${way.how} at ${played.met}: ${what}`));
    }
  return { wrong, steps };
}

/** What is not as it should be once all deliveries are through. */
async function wrongWith(world: World, kind: MessageKind, said: string, channel = "C0CODY"): Promise<string[]> {
  const wrong: string[] = [];
  const messages = ofKind(world, kind);
  if (messages.length !== 1) wrong.push(`${messages.length} messages`);
  // A job that has ended tells so below its card, each round once.
  const closings = world.messages().filter(({ metadata }) => metadata?.event_type === "cody_closing");
  const rounds = new Set(closings.map(({ metadata }) => metadata?.event_payload.round));
  if (closings.length !== rounds.size) wrong.push(`${closings.length} closing replies for ${rounds.size} rounds`);
  if (closings.length === 0 && kind.event === "cody_card") wrong.push("no closing reply");
  if (messages.some((message) => !wordsOf(message).includes(said))) wrong.push(`one does not say: ${said}`);
  const stored = await kind.stored(world);
  if (stored?.ts !== messages[0]?.ts || stored?.channelId !== channel) wrong.push("its row names another message");
  if (!stored?.permalink?.endsWith(`p${messages[0]?.ts.replace(".", "")}`)) wrong.push("its row has no link to it");
  const calls = world.calls.length;
  await deliver(world, kind);
  if (world.calls.length !== calls) wrong.push("it is shown again although nothing has changed");
  return wrong;
}

/** A second message that has to be taken back was seen by people. Within the request that posts nothing else is left. */
const wrongBack = (world: World, met?: string) =>
  met !== "slack.chat.postMessage, before it" && world.calls.some(({ method }) => method === "chat.delete")
    ? ["one had to be taken back"]
    : [];

/** Effects with a Slack that refuses some of what is posted. */
const refusing = (world: World, error: string, isMeant: (asked: { channel: string; blocks: object[] }) => boolean) => {
  const { chat } = world.effects.slack;
  const postMessage = async (asked: { channel: string; blocks: object[] }) => {
    if (isMeant(asked)) throw new WebAPIPlatformError({ ok: false, error });
    return chat.postMessage(asked as never);
  };
  return { ...world.effects, slack: { ...world.effects.slack, chat: { ...chat, postMessage } } as never };
};

/** No time passes while Slack or the table is asked for something. */
const watched = (clock: ReturnType<typeof jumpingClock>, { effects: { slack, store, sleep } }: World) => ({
  slack: clock.watched(slack),
  store: clock.watched(store),
  sleep,
});

describe.each(KINDS)("$what", (kind) => {
  it.each([
    ["in its channel", "C0CODY", "C0CODY", ALL_WAYS],
    ["in a channel that the app joins first", "C0HALL", "C0HALL", [STALLS]],
    ["in a direct message, its channel being closed to the app", "C0SECRET", "D0REQUESTER", [DIES, STALLS]],
  ])("is there once %s, whatever happens at any step of posting it", async (_, channelId, channel, ways) => {
    const { wrong, steps } = await atEveryStep(ways, async (fault) => {
      const world = openMessageWorld(standingClock());
      await kind.begin(world, channelId);
      const met = await deliverFaulty(world, kind, fault, () => deliver(world, kind));
      const said = await kind.move(world, 1);
      await deliver(world, kind);
      const wrong = [...(await wrongWith(world, kind, said, channel)), ...wrongBack(world, met)];
      return { met, wrong };
    });
    expect(steps).toContain("slack.chat.postMessage, before it");
    expect(wrong).toEqual([]);
  });

  it("says in the end what the rows say, whatever happens at any step of changing it", async () => {
    const { wrong, steps } = await atEveryStep(ALL_WAYS, async (fault) => {
      const world = openMessageWorld(standingClock());
      await kind.begin(world);
      await deliver(world, kind);
      let said = await kind.move(world, 1);
      const met = await deliverFaulty(world, kind, fault, async () => {
        said = await kind.move(world, 2);
        await deliver(world, kind);
      });
      if (fault.how !== "stalls") await deliver(world, kind);
      return { met, wrong: [...(await wrongWith(world, kind, said)), ...wrongBack(world, met)] };
    });
    expect(steps).toContain("slack.chat.update, before it");
    expect(wrong).toEqual([]);
  });

  it.each([
    ["that begin together", undefined],
    ["that find the claim of one which died", { nth: 1, when: "before", how: "dies", of: "slack.chat.postMessage" }],
    ["that find the message of one which died", { nth: 1, when: "after", how: "dies", of: "slack.chat.postMessage" }],
  ] as const)("is posted once by ten processes %s", async (_, fault) => {
    using clock = jumpingClock(Date.parse(AT));
    const world = openMessageWorld(clock);
    await kind.begin(world);
    if (fault) expect(await deliverFaulty(world, kind, fault, async () => {})).toContain(fault.of);
    const effects = watched(clock, world);
    await Promise.all(Array.from({ length: 10 }, () => kind.show(world.depsOver(effects))));
    const said = await kind.move(world, 1);
    await kind.show(world.depsOver(effects));
    expect([...(await wrongWith(world, kind, said)), ...wrongBack(world)]).toEqual([]);
  });

  it("is posted once where Slack says slow down, although another process looks for it meanwhile", async () => {
    using clock = jumpingClock(Date.parse(AT));
    const world = openMessageWorld(clock, { postsPerSecond: 1 / 30, postBurst: 1 });
    await kind.begin(world);
    await world.effects.slack.chat.postMessage({ channel: "C0CODY", text: "of another app" });
    const effects = watched(clock, world);
    await Promise.all([1, 2].map(() => kind.show(world.depsOver(effects))));
    expect(world.calls.filter(({ error }) => error === "ratelimited").map(({ method }) => method)).toContain(
      "chat.postMessage",
    );
    const said = await kind.move(world, 1);
    await kind.show(world.depsOver(effects));
    expect(await wrongWith(world, kind, said)).toEqual([]);
  });

  it("is posted by a later delivery where Slack refuses it for a reason that passes", async () => {
    const world = openMessageWorld(standingClock());
    await kind.begin(world);
    const refused = refusing(world, "internal_error", () => true);
    await expect(kind.show(world.depsOver(refused))).rejects.toThrow("internal_error");
    const said = await kind.move(world, 1);
    await deliver(world, kind);
    expect(await wrongWith(world, kind, said)).toEqual([]);
  });

  it("shows less where Slack refuses its blocks, and is taken for what the rows say", async () => {
    const world = openMessageWorld(standingClock());
    await kind.begin(world);
    await kind.show(world.depsOver(refusing(world, "invalid_blocks", ({ blocks }) => blocks.length > 0)));
    expect(ofKind(world, kind).map(({ blocks }) => blocks)).toEqual([undefined]);
    const calls = world.calls.length;
    await deliver(world, kind);
    expect(world.calls).toHaveLength(calls);
    expect(world.logged[0]).toMatch(/: its (?:card|message): Slack refused it, a smaller one is tried/);
  });

  it.each(["a person has deleted it", "its channel was archived"])(
    "stays as it is where %s, which is logged once",
    async (what) => {
      const world = openMessageWorld(standingClock());
      await kind.begin(world);
      await deliver(world, kind);
      const [message] = ofKind(world, kind);
      if (what === "a person has deleted it") world.workspace.remove("C0CODY", message!);
      else world.workspace.archive(world.workspace.channel("C0CODY")!);
      const left = ofKind(world, kind);
      await kind.move(world, 1);
      await deliver(world, kind);
      await deliver(world, kind);
      expect(ofKind(world, kind)).toEqual(left);
      expect(world.logged).toEqual([
        expect.stringMatching(
          /^[cj]0+1: its (?:card|message) cannot be changed any more: (?:message_not_found|is_inactive)$/,
        ),
      ]);
    },
  );

  it("is not taken for that of another app that carries its marker", async () => {
    const world = openMessageWorld(standingClock());
    await kind.begin(world);
    const dies = { nth: 1, when: "after", how: "dies", of: "slack.chat.postMessage" } as const;
    await deliverFaulty(world, kind, dies, async () => {});
    const [ours] = ofKind(world, kind);
    world.workspace.remove("C0CODY", ours!);
    world.workspace.post("C0CODY", { user: "U0OTHERAPP", text: "forged", metadata: ours!.metadata! });
    await deliver(world, kind);
    expect(ofKind(world, kind).map(({ user }) => user)).toEqual(["U0OTHERAPP", "U0CODYBOT"]);
  });
});

it("how a round ended is told once, whatever another process does at any step of telling it", async () => {
  const [card] = KINDS;
  const { wrong, steps } = await atEveryStep([STALLS], async (fault) => {
    const world = openMessageWorld(standingClock());
    await card.begin(world);
    await deliver(world, card);
    const said = await card.move(world, 1);
    const met = await deliverFaulty(world, card, fault, () => deliver(world, card));
    return { met, wrong: [...(await wrongWith(world, card, said)), ...wrongBack(world, met)] };
  });
  expect(steps).toContain("store.claimReply, before it");
  expect(wrong).toEqual([]);
});
