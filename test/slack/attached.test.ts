import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { renderCard } from "../../packages/views/card.ts";
import { OPEN_FORM } from "../../packages/views/welcome.ts";
import { readFiles, readMessageFiles } from "../../slack/attached-files.ts";
import { SHORTCUT } from "../../slack/interactions/message.ts";
import { FIELDS, REPOSITORIES_ACTION } from "../../slack/interactions/run-fields.ts";
import { promptField } from "../../slack/interactions/run-prompt.ts";
import { filesOfMessage, openFiles } from "../../slack/read-file.ts";
import { connect, depsOver, manifest, openStore, openWorkspace } from "./world.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
  "base64",
);
const HUGE = Buffer.from(PNG);
HUGE.writeUInt32BE(9_000, 16);
HUGE.writeUInt32BE(crc32(HUGE.subarray(12, 29)), 29);
const CUT = PNG.subarray(0, 50);
const FLAT = Buffer.from(PNG);
FLAT.writeUInt32BE(0, 20);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("files that a person attaches in the form", async () => {
  const { store } = openStore();
  const workspace = await openWorkspace(store);
  const objects = new Map<string, Uint8Array>();
  const files = openFiles({ botToken: "xoxb-local", slackApiUrl: workspace.slack.apiUrl });
  const base = depsOver(store, { files });
  const artifacts = {
    ...base.artifacts,
    putOnce: async (key: string, bytes: Uint8Array) => {
      objects.set(key, bytes);
      return "stored" as const;
    },
  };
  const deps = { ...base, artifacts };
  const app = await connect(workspace, deps);
  afterAll(async () => {
    await app.stop();
    await workspace.slack.stop();
  });
  const { requester } = workspace.slack.people;
  const uploaded = (name: string, bytes: Uint8Array) => requester.upload({ name, bytes });

  it("are kept with the job by their content; one that is refused keeps the form open, and says why", async () => {
    await requester.command("/cody");
    const modal = await requester.modal();
    const attach = (...all: { id: string }[]) => modal.fill({ [FIELDS.attached]: all.map(({ id }) => id) });
    await modal.fill({ [promptField(0)]: "As in the picture", [REPOSITORIES_ACTION]: ["acme/orders"] });
    const picture = uploaded("screen.heic", PNG);
    await attach(picture, uploaded("a.bin", Buffer.from([0, 1, 2, 3])));
    expect(await modal.submit()).toEqual({
      errors: {
        [FIELDS.attached]:
          "a.bin is neither text nor a PNG, JPEG, GIF or WebP image: take it out, or attach it as one of these.",
      },
    });
    expect([...objects.keys()]).toEqual([]);
    const log = Buffer.from("Error: tëst\n");
    await attach(picture, uploaded("log.txt", log));
    expect(await modal.submit()).toEqual({ closed: true });
    const [key] = [...objects.keys()];
    const jobId = key!.split("/")[1]!;
    const { job } = (await store.readJob(jobId))!;
    expect(job.attachments).toEqual([
      {
        key: `jobs/${jobId}/attached/${sha256(PNG)}`,
        name: "screen.heic",
        kind: "image",
        mediaType: "image/png",
        bytes: PNG.length,
      },
      { key: `jobs/${jobId}/attached/${sha256(log)}`, name: "log.txt", kind: "text", bytes: log.length },
    ]);
    expect(job.attachments!.map((one) => Buffer.from(objects.get(one.key)!))).toEqual([PNG, log]);
  });

  const bin = () => uploaded("a.bin", Buffer.from([0, 1, 2, 3]));

  it("those of a message go along with it; one that is refused is left out, and the job says why", async () => {
    const { ts } = requester.say("As in the picture", { with: { files: [uploaded("b.png", PNG), bin()] } });
    await requester.shortcut(ts, SHORTCUT);
    const modal = await requester.modal();
    expect(JSON.stringify(modal.view.blocks)).toContain("Files of the message go along: b.png and a.bin.");
    await modal.fill({ [REPOSITORIES_ACTION]: ["acme/orders"] });
    objects.clear();
    expect(await modal.submit()).toEqual({ closed: true });
    const { job } = (await store.readJob([...objects.keys()][0]!.split("/")[1]!))!;
    expect(job.attachments).toMatchObject([{ name: "b.png", kind: "image" }]);
    // What to do in a form is no matter of the card.
    expect(job.leftOut).toEqual(["a.bin is neither text nor a PNG, JPEG, GIF or WebP image."]);
    const card = JSON.stringify(renderCard({ job, rounds: [], runs: [] }));
    expect(card).toContain("1 file attached");
    expect(card).toContain(
      "A file of the message was left out. a.bin is neither text nor a PNG, JPEG, GIF or WebP image.",
    );
  });

  it("nothing is stored for a person who may not start the job", async () => {
    await requester.command("/cody");
    const modal = await requester.modal();
    await modal.fill({
      [promptField(0)]: "As in the picture",
      [REPOSITORIES_ACTION]: ["acme/orders"],
      [FIELDS.attached]: [uploaded("a.png", PNG).id],
    });
    objects.clear();
    const { lacksRights } = deps.repositories;
    deps.repositories.lacksRights = async () => "octocat may not write to acme/orders.";
    deps.repositories.loginOf = () => "octocat";
    deps.settings.strict = true;
    expect(await modal.submit()).toHaveProperty("errors");
    expect(objects.size).toBe(0);
    deps.repositories.lacksRights = lacksRights;
    expect(await modal.submit()).toEqual({ closed: true });
    expect(objects.size).toBe(1);
  });

  it("a mention's files are found when its form opens", async () => {
    requester.say("<@U0CODYBOT> as in the picture", { with: { files: [uploaded("c.png", PNG)] } });
    await expect.poll(() => requester.ephemerals().at(-1)?.text).toContain("Open the form");
    const hint = requester.ephemerals().at(-1)!;
    await requester.click(hint.ts, OPEN_FORM);
    const modal = await requester.modal();
    await expect.poll(() => JSON.stringify(modal.view.blocks)).toContain("go along: c.png");
    expect(modal.view.private_metadata).toContain("files-pri");
    await modal.close();
  });

  const text = (length: number) => Buffer.from("x".repeat(length));
  it.each([
    [
      "too many",
      () => Array.from({ length: 6 }, () => uploaded("a", PNG)),
      "A job takes 5 files, and these are 6: take 1 out.",
    ],
    [
      "too much",
      () => [uploaded("a", text(4_000_000)), uploaded("b", text(3_000_000))],
      "The files have 7.0 MB, and all together",
    ],
    ["a long text", () => [uploaded("a.log", text(50_001))], "a.log has 50,001 bytes, and a text file may have 50,000"],
    [
      "a large image",
      () => [uploaded("a.png", Buffer.concat([PNG, Buffer.alloc(4_000_000)]))],
      "a.png has 4.0 MB, and an image",
    ],
    ["many pixels", () => [uploaded("a.png", HUGE)], "a.png has 9000 x 1 pixels, and a side may have 8000"],
    [
      "an image that breaks off",
      () => [uploaded("a.png", CUT)],
      "a.png is damaged, so no model can read it: attach it anew",
    ],
    ["an image without height", () => [uploaded("a.png", FLAT)], "a.png is damaged"],
    ["a damaged image", () => [uploaded("a.jpg", Buffer.from("ffd8ffe00010", "hex"))], "a.jpg is damaged"],
    ["nothing", () => [uploaded("a.txt", Buffer.alloc(0))], "a.txt is empty: take it out."],
    [
      "a file elsewhere",
      () => [{ ...uploaded("a.png", PNG), url_private: "https://example.invalid/a" }],
      "a.png is not kept in Slack itself",
    ],
    [
      "another host's",
      () => [{ ...uploaded("a.png", PNG), url_private: "nonsense" }],
      "a.png is not kept in Slack itself",
    ],
    ["another content", () => [{ ...uploaded("a.png", PNG), size: 4 }], "Slack did not let Cody read a.png"],
    [
      "no longer there",
      () => [{ ...uploaded("a.png", PNG), url_private: `${workspace.slack.url}/files-pri/T-F/a` }],
      "Slack did not let Cody read",
    ],
  ])("%s is refused in a sentence", async (_, given, sentence) => {
    expect(await readFiles(deps, given())).toEqual({ refusal: expect.stringContaining(sentence) });
  });

  it.each([
    ["five files", [1, 1], [1, 1, 1, 1], ["3.txt"]],
    ["6 MB", [3_000_000, 2_990_000], [50_000, 2, 2], ["0.txt"]],
  ])("those of a message that have no room beside the form's are named: %s", async (_, form, message, names) => {
    const beside = form.map((size) => uploaded("form.txt", text(size)));
    const files = message.map((size, i) => uploaded(`${i}.txt`, text(size)));
    const { read, leftOut } = await readMessageFiles(deps, { files, beside });
    expect(read).toHaveLength(message.length - names.length);
    expect(leftOut).toEqual(
      names.map((name) => expect.stringMatching(`^${name} has no room beside the other files: `)),
    );
  });

  it("those of a follow-up have room beside all that the job has", async () => {
    const file = uploaded("a.txt", text(10));
    const room = async (before: number) => (await readMessageFiles(deps, { files: [file], before })).read.length;
    expect([await room(17_999_990), await room(17_999_991)]).toEqual([1, 0]);
  });

  it("an app without the scope gets Slack's page to sign in, and says which scope it lacks", async () => {
    const plain = manifest("socket");
    const { scopes } = plain.oauth_config;
    scopes.bot = scopes.bot.filter((scope: string) => scope !== "files:read");
    const without = await openWorkspace(store, { manifest: plain });
    const { slack } = without;
    const file = slack.people.requester.upload({ name: "a.png", bytes: PNG });
    const own = openFiles({ botToken: "xoxb-local", slackApiUrl: slack.apiUrl });
    const kept = await readFiles({ ...deps, files: own }, [file]);
    expect(kept).toEqual({ refusal: expect.stringContaining("scope files:read") });
    // Its form opens all the same, without the field: Slack would refuse one that has it.
    const connected = await connect(without, { ...deps, files: own });
    await slack.people.requester.command("/cody");
    const plainForm = await slack.people.requester.modal();
    expect(plainForm.view.blocks.map(({ block_id }) => block_id)).not.toContain(FIELDS.attached);
    await plainForm.close();
    const { ts } = slack.people.requester.say("As in the picture", { with: { files: [file] } });
    await slack.people.requester.shortcut(ts, SHORTCUT);
    const form = await slack.people.requester.modal();
    expect(JSON.stringify(form.view.blocks)).toContain("Files of the message do not go along: a.png.");
    expect(form.view.private_metadata).not.toContain("files");
    await connected.stop();
    await slack.stop();
  });

  it("a text of just the bytes that it may have is taken", async () => {
    const kept = await readFiles(deps, [uploaded("a.log", text(50_000))]);
    expect(kept).toMatchObject({ read: [{ kind: "text" }] });
  });

  it("of a message as many go along as a form's metadata holds", () => {
    const file = (id: number) => ({
      id: `F${id}`,
      name: "n".repeat(500),
      size: 1,
      url_private: "https://files.slack.com/",
    });
    const all = Array.from({ length: 5 }, (_, id) => file(id));
    expect(filesOfMessage({ files: all }).map(({ id }) => id)).toEqual(["F0", "F1", "F2"]);
    expect(filesOfMessage({ files: [{ id: "F9", file_access: "check_file_info" }, null, file(1)] })).toHaveLength(1);
    expect(filesOfMessage({})).toEqual([]);
  });

  it("an address that leads elsewhere, or gives without end, is no file", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/away") return void response.writeHead(302, { location: "/page" }).end();
      if (request.url === "/page") return void response.end("page");
      const more = () => void (response.destroyed || response.write("x".repeat(1_000), more));
      more();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const slack = openFiles({ botToken: "xoxb-local", slackApiUrl: `${origin}/api/` });
    for (const path of ["away", "endless"])
      expect(await slack.read({ id: "F", size: 4, url_private: `${origin}/${path}` })).toEqual({ failed: "forbidden" });
    server.closeAllConnections();
    server.close();
  });

  it("the bot token goes to Slack alone", async () => {
    const real = openFiles({ botToken: "xoxb-local" });
    for (const url of [
      "http://files.slack.com/a",
      "https://files.slack.com.example.invalid/a",
      "https://example.invalid@evil.invalid/",
    ])
      expect(await real.read({ id: "F", name: "a", size: 1, url_private: url })).toEqual({ failed: "elsewhere" });
  });
});
