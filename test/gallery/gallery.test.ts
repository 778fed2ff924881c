import { describe, expect, it } from "vitest";
import { runAgent } from "../../packages/agent/run-agent.ts";
import { GALLERY } from "../../packages/gallery/gallery.ts";
import { GalleryJob, galleryOptions, placesOf } from "../../packages/gallery/gallery-job.ts";
import { emptyPlacesProblem, filledPrompt, galleryJob } from "../../packages/gallery/places.ts";
import { consentOf, protectedPathReason } from "../../packages/github/protected-paths.ts";
import { parseDemoOptions } from "../../packages/local/demo/options.ts";
import { checkModal } from "../../packages/stand-ins/slack/blocks/view.ts";
import { runModal } from "../../slack/interactions/run-modal.ts";
import { promptParts } from "../../slack/interactions/run-prompt.ts";
import { stage } from "../agent/stage.ts";
import { depsOver, type Store } from "../slack/world.ts";

/** What a person would write into the places, each as its own example says. */
const exampleOf = (mark: string) => /, for example (.*)>>$/.exec(mark)![1]!;
const filled = (job: GalleryJob) =>
  filledPrompt(job, new Map(placesOf(job.prompt).map(({ name, mark }) => [name, exampleOf(mark)]))).prompt;

describe.each(GALLERY.map((job) => [job.name, job] as const))("the job %s of the gallery", (_, job) => {
  it("fits the schema, the form and a menu; its places are said once, and each has an example", () => {
    expect(GalleryJob.parse(job)).toEqual(job);
    const { settings } = depsOver({} as Store);
    const view = runModal(settings, { channelId: "C1", prompt: job.prompt, options: galleryOptions(job) });
    expect(checkModal(view)).toMatchObject({ ok: true });
    expect(promptParts(job.prompt)).toHaveLength(1);
    const places = placesOf(job.prompt);
    expect(places.length).toBeGreaterThan(0);
    expect(new Set(places.map(({ name }) => name)).size).toBe(places.length);
    for (const { mark } of places) expect(exampleOf(mark)).not.toBe("");
    expect(job.prompt.match(/<<|>>/g)).toHaveLength(2 * places.length);
  });

  it("says what belongs to it, what does not, when nothing is needed, when it is blocked, and what to report", () => {
    const heads = [...job.prompt.matchAll(/^(Scope|Leave alone|Not needed|Blocked|Report): \S/gm)].map(
      ([, head]) => head,
    );
    expect(heads).toEqual(["Scope", "Leave alone", "Not needed", "Blocked", "Report"]);
  });

  it("does not start before it is filled in", () => {
    const names = placesOf(job.prompt).map(({ name }) => name);
    expect(emptyPlacesProblem(job.prompt)).toMatch(
      new RegExp(`^Fill in what stands between << and >> first: ${names[0]}`),
    );
    expect(emptyPlacesProblem(filled(job))).toBeUndefined();
    expect(() => parseDemoOptions(["--repo", ".", "--job", job.name])).toThrow(
      `Fill in every place of ${job.name}: --fill "${names[0]}=..."`,
    );
    const fill = placesOf(job.prompt).flatMap(({ name, mark }) => ["--fill", `${name}=${exampleOf(mark)}`]);
    expect(parseDemoOptions(["--repo", ".", "--job", job.name, ...fill])).toMatchObject({
      prompt: filled(job),
      delivery: job.delivery,
      ...(job.mayChangeCi && { allowCi: true }),
    });
  });

  it("ends on a real tree as the scripted model can judge it, and says what it cannot", async () => {
    await using on = await stage({ files: SAMPLE });
    const { ending } = await runAgent(on.deps, on.input({ prompt: filled(job) }));
    if (ending.kind !== "verdict") throw new Error(`ended as ${JSON.stringify(ending)}`);
    expect(on.refused).toEqual([]);
    if (job.name === "vulnerable-dependency") {
      expect(ending.verdict).toMatchObject({
        wereChangesNecessary: true,
        pullRequestTitle: expect.stringContaining("2.17.1"),
      });
      expect(ending.verdict.blockedBy).toBeUndefined();
    } else {
      expect(ending.verdict).toMatchObject({
        blockedBy: expect.stringContaining("A model that can do this task"),
        summary: expect.stringContaining("I am a script, not a model"),
      });
      expect(await on.tree.status()).toBe("");
    }
  });
});

const SAMPLE = {
  "pom.xml": `<?xml version="1.0"?>\n<project>\n  <dependencies>\n    <dependency>
      <groupId>org.apache.logging.log4j</groupId>\n      <artifactId>log4j-core</artifactId>\n      <version>2.14.1</version>
    </dependency>\n  </dependencies>\n</project>\n`,
  "README.md": "# Orders\n",
  ".github/workflows/ci.yml": "jobs:\n  test:\n    steps:\n      - uses: actions/checkout@v4\n",
};

describe("the gallery", () => {
  it("has ten jobs with names and titles of their own", () => {
    expect(GALLERY).toHaveLength(10);
    expect(new Set(GALLERY.map(({ name }) => name)).size).toBe(10);
    expect(new Set(GALLERY.map(({ title }) => title)).size).toBe(10);
    expect(galleryJob("vulnerable-dependency")).toBe(GALLERY[0]);
    expect(galleryJob("nothing-like-it")).toBeUndefined();
  });

  it.each([
    ["pinned-actions", ".github/workflows/ci.yml"],
    ["end-of-life", ".github/workflows/ci.yml"],
    ["code-owners", ".github/CODEOWNERS"],
  ])("%s may publish %s, and no job without consent may", (name, path) => {
    const run = { repository: "acme/orders" };
    const consent = (job: GalleryJob) =>
      consentOf({ options: { ...galleryOptions(job), model: "m", capUsd: 5, delivery: job.delivery } }, run);
    expect(protectedPathReason([path], consent(galleryJob(name)!))).toBeUndefined();
    expect(protectedPathReason([path], consent(galleryJob("readme")!))).toMatchObject({ code: "protected-path" });
  });

  it("takes words between such marks for a person's own, unless a job of it has that place", () => {
    expect(emptyPlacesProblem("cout << a >> b; git <<EOF; <<not one of ours>> and <<Package>>")).toBeUndefined();
    expect(emptyPlacesProblem("Raise <<package>> and <<fixed version, for example 2>>")).toBe(
      "Fill in what stands between << and >> first: package and fixed version.",
    );
  });

  it.each([
    [["--job", "no-such"], /There is no job no-such; choose one of vulnerable-dependency, /],
    [["--job", "readme", "--prompt", "x"], /Give --prompt or --job, not both/],
    [["--fill", "reader=me"], /name one with --job/],
    [["--job", "readme", "--fill", "reader"], /Write it as "PLACE=WORDS"/],
    [["--job", "readme", "--fill", "writer=me"], /readme has no place writer; its places are reader/],
  ])("behind a command: %j is refused in a sentence", (args, says) => {
    expect(() => parseDemoOptions(["--repo", ".", ...args])).toThrow(says);
  });

  it("gives way to what is said behind a command, and lists itself", () => {
    const args = [
      "--repo",
      ".",
      "--job",
      "readme",
      "--fill",
      "reader=a <<new>> person",
      "--patches-only",
      "--check",
      "make",
    ];
    expect(parseDemoOptions(args)).toMatchObject({ delivery: "patch-only", check: "make", effort: "medium" });
    expect(parseDemoOptions(["--job", "list"])).toBe("jobs");
  });
});
