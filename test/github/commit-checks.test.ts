import { describe, expect, it } from "vitest";
import { readAnnotations, readCommitChecks, readLogEnd } from "../../packages/github/commit-checks.ts";
import { cookieHeader } from "../../packages/stand-ins/loopback/page-key.ts";
import { forgeWithPulls } from "../stand-ins/forge-pulls.ts";

const APP = "acme/app";

describe("reading the checks of a commit", () => {
  it("tells which failed and which go on, runs and statuses alike, with what they say and note", async () => {
    const { admin, place, reader } = await forgeWithPulls(1);
    const { setCheck } = admin.acts;
    expect(await readCommitChecks(reader, APP, "cody/x")).toEqual({ failed: [], running: [] });
    const annotations = [{ path: "src/a.ts", line: 12, message: "not a number" }];
    await setCheck(place(1), {
      name: "types",
      outcome: "failure",
      title: "One problem",
      summary: "See a.ts.",
      annotations,
    });
    await setCheck(place(1), { name: "build", outcome: "cancelled", log: "Building\nNo space left\n" });
    await setCheck(place(1), { name: "lint", outcome: "success" });
    await setCheck(place(1), { name: "e2e", outcome: null });
    await setCheck(place(1), { name: "deploy", outcome: "failure", kind: "status", title: "No such host" });
    await setCheck(place(1), { name: "cover", outcome: null, kind: "status" });
    const { failed, running } = await readCommitChecks(reader, APP, place(1).pull.headSha);
    expect(running).toEqual(["e2e", "cover"]);
    expect(failed).toEqual([
      { name: "types", result: "failure", says: "One problem\n\nSee a.ts.", annotated: expect.any(Number) },
      { name: "build", result: "cancelled", says: "", job: expect.any(Number) },
      { name: "deploy", result: "failure", says: "No such host" },
    ]);
    expect(await readAnnotations(reader, APP, failed[0]!.annotated!)).toEqual(["src/a.ts:12: not a number"]);
    expect(await readLogEnd(reader, APP, failed[1]!.job!)).toEqual({
      lead: "",
      end: "Building\nNo space left\n",
    });
    expect(await readCommitChecks(reader, APP, "main")).toEqual({ failed: [], running: [] });
  });

  it("reads the end of a long log in whole lines, and says where there is none any more", async () => {
    const { admin, place, reader } = await forgeWithPulls(1);
    const log = Array.from({ length: 20_000 }, (_, i) => `line ${i}`).join("\n");
    await admin.acts.setCheck(place(1), { name: "build", outcome: "failure", log });
    const { failed } = await readCommitChecks(reader, APP, "cody/x");
    const found = await readLogEnd(reader, APP, failed[0]!.job!);
    expect(found!.end.length).toBeLessThanOrEqual(64 * 1024);
    expect(found!.end).toMatch(/^line \d+\n[\s\S]*\nline 19999$/);
    // What stands before it joins it.
    expect(found!.lead).toMatch(/^line \d+\n[\s\S]*\nline \d+\n$/);
    expect(log.endsWith(found!.lead + found!.end)).toBe(true);
    expect(await readLogEnd(reader, APP, 4_711)).toBeUndefined();
    await admin.acts.setCheck(place(1), { name: "build", outcome: "failure", log: `${log}\n${"x".repeat(80_000)}` });
    const again = await readCommitChecks(reader, APP, "cody/x");
    expect(await readLogEnd(reader, APP, again.failed[0]!.job!)).toBeUndefined();
  });

  it("on the forge's page a person sets a failing check with a log", async () => {
    const forge = await forgeWithPulls(1);
    const headers = { ...cookieHeader(forge.pageKey), "content-type": "application/x-www-form-urlencoded" };
    const body = "act=check&name=build&outcome=failure&log=no+such+file";
    await fetch(`${forge.serverUrl}/${APP}/pull/1`, { method: "POST", headers, body, redirect: "manual" });
    const { failed } = await readCommitChecks(forge.reader, APP, "cody/x");
    expect((await readLogEnd(forge.reader, APP, failed[0]!.job!))?.end).toBe("no such file");
  });
});
