import { randomBytes } from "node:crypto";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Artifacts, createArtifacts } from "../../packages/store/artifacts.ts";
import { BUCKET, type S3World, startWorld } from "../stand-ins/s3-world.ts";

const LONG = JSON.stringify({ words: "what was said, over and over. ".repeat(500) });

describe("artifacts at rest", () => {
  let world: S3World;
  let artifacts: Artifacts;
  beforeAll(async () => {
    world = await startWorld();
    artifacts = createArtifacts({ s3: world.s3, bucket: BUCKET });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const bytesAtRest = async (key: string) =>
    (await world.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }))).ContentLength!;

  it.each(["application/json", "text/html; charset=utf-8"])(
    "%s is small, and reads and downloads as it was",
    async (type) => {
      const key = `packed/${type.slice(0, 6)}`;
      expect(await artifacts.putOnce(key, LONG, type)).toBe("stored");
      expect(await artifacts.putOnce(key, "other", type)).toBe("exists");
      expect(await bytesAtRest(key)).toBeLessThan(LONG.length / 10);
      expect(new TextDecoder().decode(await artifacts.read(key))).toBe(LONG);
      const answer = await fetch(await artifacts.link(key, { fileName: "conversation.json" }));
      expect(answer.headers.get("content-type")).toBe(type);
      expect(await answer.text()).toBe(LONG);
    },
  );

  it("a patch keeps its bytes, for tools that know nothing of encodings", async () => {
    const patch = randomBytes(5_000);
    await artifacts.putOnce("packed/patch.diff", patch, "text/x-patch");
    expect(await bytesAtRest("packed/patch.diff")).toBe(5_000);
    expect(Buffer.from((await artifacts.read("packed/patch.diff"))!)).toEqual(patch);
  });
});
