import { describe, expect, it } from "vitest";
import { isUnedited, markerOf, withMarker } from "../../packages/github/marker.ts";
import { namedIfPublic, setSection as sectionOf } from "../../packages/github/set-section.ts";
import { writeSection } from "../../packages/github/write-section.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { aPullRequest, aRecord, aRun, aStatus, JOB_ID } from "../builders.ts";
import { forgeWithBranches } from "../stand-ins/forge-branches.ts";

const published = (repository: string, number: number, changes: Partial<RepoRun> = {}) =>
  aRun({ repository, state: "published", pullRequest: aPullRequest(repository, number), isPrivate: true, ...changes });

const merged = { pullRequestStatus: aStatus({ number: 3, state: "merged" }) };
const ORDERS = published("acme/orders", 1);
const LEDGER = published("acme/ledger", 3, merged);
const FOREIGN = published("other/gateway", 4);
const PUBLIC = published("acme/docs", 5, {
  isPrivate: false,
  pullRequest: { ...aPullRequest("acme/docs", 5), draft: true },
});
const NONE = aRun({ repository: "acme/site", state: "unchanged", isPrivate: true });
const all = [ORDERS, LEDGER, FOREIGN, PUBLIC, NONE];
const record = {
  ...aRecord(all, { repositories: all.map(({ repository }) => repository), requester: { login: "ada" } }),
  card: {
    jobId: JOB_ID,
    channelId: "C1",
    claimedAt: "2026-11-22T12:00:00.000Z",
    permalink: "https://slack.example/p1",
    replies: {},
  },
};

const DOCS: ReadonlySet<string> = new Set(["acme/docs"]);
const setSection = (of: typeof record, run: RepoRun, publicNow = DOCS) => sectionOf(of, run, publicNow);

describe("the section of the set in a pull request's text", () => {
  it("says who asked, where, and how the others stand; private repositories stand only in private ones of their owner", () => {
    expect(setSection(record, ORDERS)).toBe(
      [
        "<!-- cody-set -->",
        "Asked for by `ada` in [a Slack thread](<https://slack.example/p1>).",
        "",
        `**With it** (job \`${JOB_ID}\`):`,
        "",
        `- [acme/ledger#3](<${LEDGER.pullRequest!.url}>): merged`,
        `- [acme/docs#5](<${PUBLIC.pullRequest!.url}>): draft`,
        "- `acme/site`: no changes needed",
        "<!-- /cody-set -->",
      ].join("\n"),
    );
    const open = setSection(record, PUBLIC);
    expect(open).not.toMatch(/ada|slack|ledger|orders|gateway|site/);
    expect(setSection(record, FOREIGN)).not.toMatch(/ledger|orders|site/);
    // GitHub never showed it, or the row is older than what is kept of that.
    const unseen = aRun({ repository: "other/secret", state: "failed", isPrivate: undefined });
    expect(setSection({ ...record, runs: [...all, unseen] }, PUBLIC)).not.toContain("secret");
  });

  it("names a public repository nowhere that it is not public now, and GitHub is asked about those alone", () => {
    const site = published("acme/site", 6, { isPrivate: false });
    const two = { ...record, runs: [...all, site] };
    expect(namedIfPublic(two, PUBLIC)).toEqual(["acme/site"]);
    expect(namedIfPublic(two, FOREIGN)).toEqual(["acme/docs", "acme/site"]);
    expect(namedIfPublic(two, ORDERS)).toEqual([]);
    expect(setSection(two, PUBLIC, new Set(["acme/site"]))).toContain("acme/site#6");
    expect(setSection(two, PUBLIC, new Set())).not.toContain("site");
    const seenSince = { ...site, pullRequestStatus: aStatus({ number: 6, isPrivate: true }) };
    expect(namedIfPublic({ ...record, runs: [...all, seenSince] }, PUBLIC)).toEqual([]);
  });

  it("is another one as soon as its own repository is public, so that it is written anew", () => {
    const opened = { ...ORDERS, pullRequestStatus: aStatus({ number: 1, isPrivate: false }) };
    expect(setSection(record, opened)).not.toMatch(/ada|slack|ledger|site/);
    expect(namedIfPublic(record, opened)).toEqual(["acme/docs"]);
    const shut = { ...ORDERS, pullRequestStatus: aStatus({ number: 1, isPrivate: true }) };
    expect(setSection(record, shut)).toBe(setSection(record, ORDERS));
  });

  it("changes without the text being edited, and nothing that a person writes around it is touched", async () => {
    const { writer, asks, pullsOn, repository } = await forgeWithBranches({ one: { A: "1\n" } });
    const [ask] = asks;
    const at = { owner: "acme", repo: "app", pull_number: 1 };
    const before = setSection({ ...record, runs: [ORDERS, NONE] }, ORDERS);
    const body = withMarker("one", `What it does.\n\n${before}`, JOB_ID);
    await writer.rest.pulls.update({ ...at, body });
    const after = setSection(record, ORDERS);
    await writeSection(writer, ask!, () => after);
    expect(pullsOn(1).body).toContain(after);
    expect(isUnedited("one", pullsOn(1).body!)).toBe(true);
    expect(markerOf(pullsOn(1).body!)).toEqual({ jobId: JOB_ID });
    const mine = `Look at line 3 first.\r\n\r\n${pullsOn(1).body}\n\nSigned, Ada`;
    await writer.rest.pulls.update({ ...at, body: mine });
    await writeSection(writer, ask!, () => before);
    expect(pullsOn(1).body).toBe(mine.replaceAll("\r\n", "\n").replace(after, before));
    await writer.rest.pulls.update({ ...at, body: "No section any more." });
    await writeSection(writer, ask!, () => after);
    expect(pullsOn(1).body).toBe("No section any more.");

    // What a check has printed looks like ours, and stands before it.
    for (const printed of ["<!-- cody-set -->", "<!-- cody-set -->\n<!-- /cody-set -->", "<!-- /cody-set -->"]) {
      const tail = `\`\`\`text\n${printed}\n\`\`\`\n\n---\nReview it.\n\n`;
      await writer.rest.pulls.update({ ...at, body: withMarker("one", tail + before, JOB_ID) });
      await writeSection(writer, ask!, () => after);
      expect(pullsOn(1).body).toContain(tail + after);
      expect(isUnedited("one", pullsOn(1).body!)).toBe(true);
    }
    const seen: object[] = [];
    for (const isPublic of [false, true]) {
      repository.isPublic = isPublic;
      await writeSection(writer, ask!, (now) => {
        seen.push(now);
        return after;
      });
    }
    expect(seen).toEqual([{ isPrivate: true }, { isPrivate: false }]);
  });
});
