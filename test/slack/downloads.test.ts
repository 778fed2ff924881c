import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createArtifacts } from "../../packages/store/artifacts.ts";
import { conversationKey, patchKey, transcriptKey } from "../../packages/store/keys.ts";
import { zipOf } from "../../packages/store/zip.ts";
import { ACTIONS, targetValue } from "../../packages/views/actions.ts";
import { lookActionId } from "../../packages/views/history/places.ts";
import { aPatch } from "../builders.ts";
import { BUCKET, type S3World, startWorld as startS3World } from "../stand-ins/s3-world.ts";
import { historyWorld, homeAfter, modalSaying } from "./history-world.ts";

const world = historyWorld();
let s3: S3World;
let artifacts: ReturnType<typeof createArtifacts>;
beforeAll(async () => {
  s3 = await startS3World();
});
afterAll(() => s3[Symbol.asyncDispose]());
beforeEach(() => {
  artifacts = createArtifacts({ s3: s3.s3, bucket: BUCKET });
  world.deps.artifacts = artifacts;
});

const BYTES = Buffer.from([0x64, 0x69, 0x66, 0x66, 0x0d, 0x0a, 0xff, 0x00, 0x0a]);

/** A job with patches of these bytes, and its details in a modal. */
async function patched(patches: Uint8Array[]) {
  const states = patches.map(() => "patch-ready" as const);
  const job = await world.job({ prompt: "Patched" }, states);
  for (const [i, bytes] of patches.entries()) {
    const ref = { jobId: job.jobId, repository: job.repositories[i]!, round: 1 };
    await artifacts.putOnce(patchKey(ref), bytes, "text/x-patch");
    await world.store.moveRun(ref, ["patch-ready"], { patch: aPatch({ key: patchKey(ref), bytes: bytes.length }) });
  }
  await homeAfter(world.requester, () => world.requester.openHome());
  await world.requester.clickHome(lookActionId("job-0"));
  return { job, modal: await modalSaying(world.requester, "What it took") };
}

function linkIn(shown: unknown): URL {
  const [link] = /https?:[^"\\|>\s]+X-Amz-Signature=\w+[^"\\|>\s]*/.exec(JSON.stringify(shown)) ?? [];
  expect(link, JSON.stringify(shown)).toBeDefined();
  return new URL(link!.replaceAll("&amp;", "&"));
}

/** Reads an archive by its own directory, as a program that did not write it. */
function unzip(zip: Buffer): Record<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from("504b0506", "hex"));
  const files: Record<string, Buffer> = {};
  let at = zip.readUInt32LE(end + 16);
  for (let i = 0; i < zip.readUInt16LE(end + 10); i++) {
    const [size, nameSize, local] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt32LE(at + 42)];
    const name = zip.subarray(at + 46, at + 46 + nameSize).toString();
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    files[name] = inflateRawSync(zip.subarray(data, data + size));
    at += 46 + nameSize;
  }
  return files;
}

describe("downloads", () => {
  it("the patches of the whole job come as one archive, to the byte, by a link of 15 minutes", async () => {
    const { job, modal } = await patched([BYTES, Buffer.from("second\n")]);
    await modal.click(ACTIONS.downloadPatches);
    await modalSaying(world.requester, "15 minutes");
    const link = linkIn(modal.view);
    expect(Number(link.searchParams.get("X-Amz-Expires"))).toBe(900);
    const answer = await fetch(link);
    expect(answer.headers.get("content-disposition")).toContain(`${job.jobId}-patches.zip`);
    expect(unzip(Buffer.from(await answer.arrayBuffer()))).toEqual({
      [`acme-orders-${job.jobId}-r1.patch`]: BYTES,
      [`acme-shop-${job.jobId}-r1.patch`]: Buffer.from("second\n"),
    });
    await modal.close();
    await modalSaying(world.requester, "What it took");
    await modal.click(ACTIONS.downloadPatches);
    await modalSaying(world.requester, "15 minutes");
    expect(linkIn(modal.view).pathname).toBe(link.pathname);
  });

  it("the patch of one repository, also of an earlier round", async () => {
    const { job, modal } = await patched([BYTES]);
    const ref = { jobId: job.jobId, repository: "acme/orders", round: 1 };
    const run = (await world.store.readRun(ref))!;
    const second = patchKey({ ...ref, round: 2 });
    await artifacts.putOnce(second, "v2\n", "text/x-patch");
    await world.store.openRun({ ...run, round: 2, patch: aPatch({ key: second }) });
    await modal.click(lookActionId("run-0"));
    await modalSaying(world.requester, "Whole job");
    const textBehind = async () => {
      await modalSaying(world.requester, "git apply");
      const text = await (await fetch(linkIn(modal.view))).bytes();
      await modal.close();
      return Buffer.from(text);
    };
    await modal.click(ACTIONS.downloadPatch);
    expect((await textBehind()).toString()).toBe("v2\n");
    await modal.click(`${ACTIONS.downloadPatch}-1`);
    expect(await textBehind()).toEqual(BYTES);

    const { ts } = world.workspace.slack.workspace.post("C0CODY", {
      user: "U0CODYBOT",
      text: "An old card",
      blocks: [
        {
          type: "actions",
          block_id: "b",
          elements: [
            {
              type: "button",
              action_id: ACTIONS.downloadPatch,
              text: { type: "plain_text", text: "Download patch" },
              value: targetValue(ref),
            },
          ],
        },
      ],
    });
    await world.second.click(ts, ACTIONS.downloadPatch);
    await expect.poll(() => world.second.ephemerals().length).toBe(1);
    const v1 = await (await fetch(linkIn(world.second.ephemerals()))).bytes();
    expect(Buffer.from(v1)).toEqual(BYTES);
    expect(world.requester.ephemerals()).toEqual([]);
  });

  it("the conversation as JSON and as a page; before they are there, a sentence says so", async () => {
    const { job, modal } = await patched([BYTES]);
    const ref = { jobId: job.jobId, repository: "acme/orders", round: 1 };
    await modal.click(lookActionId("run-0"));
    await modalSaying(world.requester, "As a page");
    await modal.click(ACTIONS.openTranscript);
    await modalSaying(world.requester, "There is no page of this conversation yet.");
    await modal.close();
    await modal.click(ACTIONS.downloadConversation);
    await modalSaying(world.requester, "There is no conversation to download yet.");
    await modal.close();

    await artifacts.putOnce(transcriptKey(ref), "<!doctype html>", "text/html; charset=utf-8");
    await artifacts.putOnce(conversationKey(ref), '{"entries":[]}', "application/json");
    await modal.click(ACTIONS.openTranscript);
    await modalSaying(world.requester, "The conversation about acme/orders");
    const page = await fetch(linkIn(modal.view));
    expect(page.headers.get("content-disposition")).toBe("inline");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    await modal.close();
    await modal.click(ACTIONS.downloadConversation);
    await modalSaying(world.requester, "-conversation.json");
    const json = await fetch(linkIn(modal.view));
    expect(json.headers.get("content-disposition")).toMatch(/^attachment/);
    expect(await json.json()).toEqual({ entries: [] });
  });

  it("patches that are too large together are refused in a sentence, without reading them", async () => {
    const { job, modal } = await patched([BYTES, BYTES]);
    for (const repository of job.repositories) {
      const ref = { jobId: job.jobId, repository, round: 1 };
      await world.store.moveRun(ref, ["patch-ready"], { patch: aPatch({ bytes: 20_000_000 }) });
    }
    await modal.click(ACTIONS.downloadPatches);
    await modalSaying(world.requester, "too large for one archive");
  });

  it("nothing of another workspace is linked", async () => {
    const job = await world.job({ teamId: "T0OTHERS" }, ["patch-ready"], { patch: aPatch() });
    const actions = [
      ACTIONS.downloadPatch,
      ACTIONS.downloadPatches,
      ACTIONS.downloadConversation,
      ACTIONS.openTranscript,
    ];
    const { ts } = world.workspace.slack.workspace.post("C0CODY", {
      user: "U0CODYBOT",
      text: "A forged card",
      blocks: [
        {
          type: "actions",
          block_id: "b",
          elements: actions.map((action_id) => ({
            type: "button",
            action_id,
            text: { type: "plain_text", text: "Give" },
            value: targetValue({ jobId: job.jobId, repository: "acme/orders", round: 1 }),
          })),
        },
      ],
    });
    for (const action of actions) await world.requester.click(ts, action);
    await expect.poll(() => world.requester.ephemerals().length).toBe(actions.length);
    for (const { text } of world.requester.ephemerals()) expect(text).toBe("There is no such job in this workspace.");
  });
});

describe.skipIf(!existsSync("/usr/bin/unzip"))("an archive (skipped without unzip)", () => {
  it("is opened by a program of others, empty files included", () => {
    const folder = mkdtempSync(join(tmpdir(), "cody-zip-"));
    writeFileSync(
      join(folder, "a.zip"),
      zipOf([
        { name: "a.patch", bytes: BYTES },
        { name: "b.patch", bytes: Buffer.alloc(0) },
      ]),
    );
    execFileSync("/usr/bin/unzip", ["-q", "a.zip"], { cwd: folder });
    expect(readFileSync(join(folder, "a.patch"))).toEqual(BYTES);
    expect(readFileSync(join(folder, "b.patch"))).toHaveLength(0);
    rmSync(folder, { recursive: true });
  });
});
