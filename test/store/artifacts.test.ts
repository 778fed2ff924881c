import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Artifacts, createArtifacts } from "../../packages/store/artifacts.ts";
import {
  conversationKey,
  outcomeKey,
  patchKey,
  roundPrefix,
  snapshotKey,
  transcriptKey,
  turnKey,
  turnsPrefix,
} from "../../packages/store/keys.ts";
import { BUCKET, connect, type S3World, startWorld } from "../stand-ins/s3-world.ts";

const REF = { jobId: "j0123456789abcdef", repository: "Acme/orders.api", round: 2 };

describe("artifacts", () => {
  let world: S3World;
  let artifacts: Artifacts;
  beforeAll(async () => {
    world = await startWorld();
    artifacts = createArtifacts({ s3: world.s3, bucket: BUCKET });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  async function everything(prefix: string) {
    const keys: string[] = [];
    for await (const key of artifacts.list(prefix)) keys.push(key);
    return keys;
  }

  it("stand under their round, the turns in order even past the ninth", async () => {
    const keys = [patchKey, conversationKey, transcriptKey, outcomeKey].map((key) => key(REF));
    expect(keys.map((key) => key.slice(roundPrefix(REF).length))).toEqual([
      "patch.diff",
      "conversation.json",
      "transcript.html",
      "outcome.json",
    ]);
    expect(roundPrefix(REF)).toBe("jobs/j0123456789abcdef/Acme/orders.api/r2/");
    expect(snapshotKey(REF, 17, 2)).toBe(`${roundPrefix(REF)}snapshot-000017-a2.patch`);
    for (const turn of [10, 2, 1]) await artifacts.putOnce(turnKey(REF, turn), `{"turn":${turn}}`, "application/json");
    await artifacts.putOnce(turnKey({ ...REF, round: 20 }, 3), "{}", "application/json");
    expect(await everything(turnsPrefix(REF))).toEqual([1, 2, 10].map((turn) => turnKey(REF, turn)));
  });

  it("are stored once: the first bytes stay, to the byte", async () => {
    const bytes = Buffer.from([0x64, 0x0d, 0x0a, 0xff, 0x00]);
    const puts = Array.from({ length: 100 }, () => artifacts.putOnce("once", bytes, "text/x-diff"));
    const answers = await Promise.all(puts);
    expect(answers.filter((answer) => answer === "stored")).toHaveLength(1);
    expect(await artifacts.putOnce("once", "other", "text/plain")).toBe("exists");
    expect(Buffer.from((await artifacts.read("once"))!)).toEqual(bytes);
    expect(await artifacts.read("never")).toBeUndefined();
  });

  it("a conflict with another write under way is tried again, any other failure is told", async () => {
    const s3 = connect(world.url);
    let conflicts = 2;
    s3.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { response } = result as { response: { statusCode: number } };
        if (conflicts-- > 0) response.statusCode = 409;
        return result;
      },
      { step: "deserialize", priority: "low", name: "conflict" },
    );
    const busy = createArtifacts({ s3, bucket: BUCKET });
    expect(await busy.putOnce("busy", "x", "text/plain")).toBe("exists");
    expect(conflicts).toBeLessThan(0);
    s3.destroy();
    const elsewhere = createArtifacts({ s3: world.s3, bucket: "no-such-bucket" });
    await expect(elsewhere.putOnce("a", "x", "text/plain")).rejects.toThrow("The specified bucket does not exist");
    await expect(elsewhere.read("a")).rejects.toThrow("The specified bucket does not exist");
  });

  it("are listed whole, over as many pages as it takes", async () => {
    const keys = Array.from({ length: 11 }, (_, i) => `many/${String(i).padStart(4, "0")}`);
    for (const key of keys) await artifacts.putOnce(key, "", "text/plain");
    const s3 = connect(world.url);
    let pages = 0;
    s3.middlewareStack.add(
      (next) => (args) => {
        pages++;
        return next({ ...args, input: { ...args.input, MaxKeys: 4 } });
      },
      { step: "initialize", name: "smallPages" },
    );
    const listed: string[] = [];
    for await (const key of createArtifacts({ s3, bucket: BUCKET }).list("many/")) listed.push(key);
    expect(listed).toEqual(keys);
    expect(pages).toBe(3);
    s3.destroy();
  });

  it("a link downloads under a name of any script, for as long as asked and never over 15 minutes", async () => {
    await artifacts.putOnce("patch", "diff --git", "text/x-diff");
    const link = await artifacts.link("patch", { fileName: `orders "äß" (1)'.patch`, seconds: 60 });
    const answer = await fetch(link);
    expect(await answer.text()).toBe("diff --git");
    expect(answer.headers.get("content-type")).toBe("text/x-diff");
    expect(answer.headers.get("content-disposition")).toBe(
      `attachment; filename="orders_______1__.patch"; filename*=UTF-8''orders%20%22%C3%A4%C3%9F%22%20%281%29%27.patch`,
    );
    expect(new URL(link).searchParams.get("X-Amz-Expires")).toBe("60");
    const long = await artifacts.link("patch", { fileName: "a", seconds: 86_400 });
    expect(new URL(long).searchParams.get("X-Amz-Expires")).toBe("900");
  });
});
