import { expect, it } from "vitest";
import { askReviewers } from "../../packages/github/ask-reviewers.ts";
import { findOrOpenPullRequest } from "../../packages/github/pull-requests.ts";
import { growBranch, testForge } from "../stand-ins/forge-fixture.ts";

const JOB = "j0123456789abcdef";

it("asks each reviewer once; one who may not review keeps no other from it, and comes back as a sentence", async () => {
  const forge = await testForge();
  const start = { message: "Start\n", date: "2022-01-01T00:00:00Z", files: { README: "hello\n" } };
  const people = { ada: "write", grace: "read" } as const;
  await forge.admin.addRepository({ name: "acme/app", from: { commits: [start] }, people });
  await growBranch(forge, "acme/app", "cody/x");
  const { writer } = forge;
  const text = { title: "x", body: "x", bodyWithoutDraft: "x" };
  const input = { repository: "acme/app", branch: "cody/x", base: "main", ...text, marker: { jobId: JOB } };
  await findOrOpenPullRequest(writer, { ...input, ourLogin: "cody-forge" });
  const ask = (...reviewers: string[]) => askReviewers(writer, { repository: "acme/app", number: 1, reviewers });
  const asked = () => forge.admin.pullRequests("acme/app")[0]!.reviewers;

  expect(await ask()).toBeUndefined();
  expect(await ask("ada")).toBeUndefined();
  expect(await ask("Ada", "stranger", "grace", "acme/platform", "cody-forge")).toBe(
    "GitHub did not ask stranger, acme/platform and cody-forge for a review: Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the repository.",
  );
  expect(asked()).toEqual(["ada", "grace"]);
  expect(await ask("ada", "grace")).toBeUndefined();

  forge.admin.plan({ kind: "status", status: 403, path: /requested_reviewers$/ });
  expect(await ask("ada")).toMatch(/^GitHub did not ask ada for a review: /);
  forge.admin.plan({ kind: "lose-answer", method: "POST", path: /requested_reviewers$/ });
  expect(await ask("cody-forge", "ada")).toMatch(/author/);
});
