import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSteadyClock, fromNow } from "../../packages/clock/steady-clock.ts";
import { createGitHub } from "../../packages/github/client.ts";
import { createWriteLimiter } from "../../packages/github/write-limiter.ts";
import { isDeadClaim } from "../../packages/notify/post-once.ts";
import { createRateLimiter } from "../../packages/notify/rate-limiter.ts";
import { createHomes } from "../../packages/store/homes.ts";
import { createPauses } from "../../packages/store/pauses.ts";
import { createSlots } from "../../packages/store/slots.ts";
import { connect, startIn, TABLE, temporaryFolder } from "../stand-ins/dynamodb-folder.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-27T12:00:00Z");

describe("time within a process", () => {
  const clockOver = () => {
    const machine = { wall: NOW, monotonic: 5 };
    const now = createSteadyClock(
      () => machine.wall,
      () => machine.monotonic,
    );
    const pass = (wall: number, monotonic = wall) => {
      machine.wall += wall;
      machine.monotonic += monotonic;
      return now() - NOW;
    };
    return pass;
  };

  it.each([
    ["runs as the machine's", [[1_000], [500]], 1_500],
    ["goes on when the machine's is set back", [[1_000], [-HOUR, 200], [300]], 1_500],
    ["goes on when it is set back twice", [[-HOUR, 100], [-HOUR, 100], [100]], 300],
    ["follows when it is set ahead", [[HOUR, 10], [1_000]], HOUR + 1_000],
    ["follows it over a pause that only the machine's clock saw", [[60_000, 0]], 60_000],
    ["does not go back to it when it was set ahead and back", [[HOUR, 10], [-HOUR, 10], [5_000]], HOUR + 5_010],
  ] as [string, [number, number?][], number][])("%s", (_, steps, expected) => {
    const pass = clockOver();
    let at = 0;
    for (const step of steps) at = pass(...step);
    expect(at).toBe(expected);
  });

  it.each([
    ["written before us", NOW + 5_000, NOW - 1_000, NOW + 5_000],
    ["written by a clock an hour ahead", NOW + HOUR + 5_000, NOW + HOUR, NOW + 5_000],
    ["written by an earlier release", NOW + 5_000, undefined, NOW + 5_000],
  ])("a time %s", (_, time, writtenAt, expected) => {
    expect(fromNow(time, writtenAt, NOW)).toBe(expected);
  });
});

describe("rows that were written before the clock was set back", () => {
  let world: Awaited<ReturnType<typeof open>>;
  async function open() {
    const folder = await temporaryFolder();
    const dynamo = await startIn(folder.path);
    const documents = connect(dynamo.url);
    return {
      documents,
      async close() {
        documents.destroy();
        await dynamo[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  }
  beforeAll(async () => {
    world = await open();
  });
  afterAll(() => world?.close());

  it("a limit makes no caller wait longer than before", async () => {
    const slots = createSlots({ documents: world.documents, table: TABLE });
    const rate = { everyMs: 1_000, burst: 3 };
    for (let i = 0; i < 5; i++) await slots.takeSlot("posts", { ...rate, now: NOW });
    const before = await slots.takeSlot("posts", { ...rate, now: NOW });
    expect(before).toBe(3_000);
    for (const [i, back] of [HOUR, 2 * HOUR].entries())
      expect(await slots.takeSlot("posts", { ...rate, now: NOW - back })).toBe(before! + (i + 1) * 1_000);
  });

  it("a limit that Slack closed opens when it would have, and may be closed anew", async () => {
    const slots = createSlots({ documents: world.documents, table: TABLE });
    const rate = { everyMs: 1_000, burst: 1 };
    await slots.holdSlots("updates", { ...rate, now: NOW, until: NOW + 30_000 });
    expect(await slots.takeSlot("updates", { ...rate, now: NOW - HOUR })).toBe(30_000);
    await slots.holdSlots("updates", { ...rate, now: NOW - HOUR, until: NOW - HOUR + 90_000 });
    expect(await slots.takeSlot("updates", { ...rate, now: NOW - HOUR })).toBe(90_000);
  });

  it("a model's pause ends when it would have, and a new one counts", async () => {
    let now = NOW;
    const pauses = createPauses({ documents: world.documents, table: TABLE, now: () => new Date(now) });
    const pause = pauses({ url: "http://127.0.0.1", apiKey: "k", model: "m" });
    await pause.extend(new Date(NOW + 20_000));
    now = NOW - HOUR;
    expect((await pause.until())!.getTime() - now).toBe(20_000);
    await pause.extend(new Date(now + 45_000));
    expect((await pause.until())!.getTime() - now).toBe(45_000);
  });

  it("what a person looks at now stands, whenever they seem to have looked before", async () => {
    const homes = createHomes({ documents: world.documents, table: TABLE });
    const home = {
      teamId: "T1",
      userId: "U1",
      digest: "d",
      hash: "h",
      state: "",
      shownAt: new Date(NOW).toISOString(),
    };
    const look = (at: number, hash: string) => homes.keepHome({ ...home, hash, lookedAt: new Date(at).toISOString() });
    const shown = async () => (await homes.homesOfTeam("T1", new Date(NOW - 3 * HOUR)))[0]?.hash;
    await look(NOW, "before");
    await look(NOW - 1_000, "late");
    expect(await shown()).toBe("before");
    await look(NOW - HOUR, "set back");
    expect(await shown()).toBe("set back");
  });

  it("a claim from a time to come does not count, one that waits for its turn is", () => {
    const claimedIn = (ms: number) => isDeadClaim({ now: () => new Date(NOW) }, new Date(NOW + ms).toISOString());
    expect([-120_000, -1_000, 0, 20_000, HOUR].map(claimedIn)).toEqual([true, false, false, false, true]);
  });

  it("progress of a job waits three seconds at most, as it would have", () => {
    const slots = createSlots({ documents: world.documents, table: TABLE });
    const rateLimiter = createRateLimiter({ slots, now: () => NOW - HOUR });
    const at = new Date(NOW).toISOString();
    expect(rateLimiter.msUntilProgress({ jobId: "j", createdAt: at, shownAt: at })).toBe(3_000);
  });
});

describe("requests to GitHub", () => {
  it("go out at once after the clock was set back, and no faster than they may", async () => {
    const wall = Date.now;
    const asked: number[] = [];
    const github = createGitHub({ token: "t", apiUrl: "http://127.0.0.1:9", secondMs: 1 });
    github.hook.wrap("request", async (_request, { url }) => {
      asked.push(performance.now());
      return { status: 200, url, headers: {}, data: {} } as never;
    });
    try {
      await github.request("GET /user");
      await github.request("POST /repos/a/b/pulls");
      Date.now = () => wall() - HOUR;
      // One that goes by the wall's clock waits an hour.
      await github.request("GET /user");
      await github.request("POST /repos/a/b/pulls");
      expect(asked).toHaveLength(4);
    } finally {
      Date.now = wall;
    }
  });

  it("writes keep their rateLimiter by a clock that begins at zero", async () => {
    const limiter = createWriteLimiter(20, () => 0) as unknown as {
      key(): { schedule(options: object, job: () => number): Promise<number> };
    };
    const done: number[] = [];
    const all = [0, 1, 2, 3, 4, 5].map((n) => limiter.key().schedule({}, () => done.push(n)));
    // A job that need not wait begins within the call.
    expect(done).toEqual([0, 1, 2, 3, 4]);
    await Promise.all(all);
    expect(done).toHaveLength(6);
  });
});
