import { createHash } from "node:crypto";
import { Octokit } from "@octokit/rest";
import type { Schedule } from "./explorer-schedule.ts";

type Pull = { number: number; branch: string; sha: string; title: string; body: string };

/** Branches and pull requests of one repository, in memory: create-only refs, and one open pull request a branch. */
export function createRepository(name: string, schedule: Schedule) {
  const branches = new Map<string, string>();
  const pulls: Pull[] = [];
  const shown = ({ number, branch, sha, title, body }: Pull) => ({
    number,
    title,
    body,
    state: "open",
    draft: false,
    merged_at: null,
    labels: [],
    user: { login: "cody" },
    html_url: `https://github.invalid/${name}/pull/${number}`,
    head: { ref: branch, sha, repo: { full_name: name } },
  });

  function answer(method: string, path: string, body: { head: string; title: string; body: string }) {
    if (path.endsWith("/labels")) return [200, []] as const;
    if (method === "GET") return [200, pulls.map(shown)] as const;
    if (method === "PATCH") return [200, shown(pulls[0]!)] as const;
    if (pulls.some(({ branch }) => branch === body.head))
      return [422, { message: "A pull request already exists for this branch." }] as const;
    const pull = { number: pulls.length + 1, branch: body.head, sha: branches.get(body.head)!, ...body };
    pulls.push(pull);
    return [201, shown(pull)] as const;
  }

  const request = (url: string, init: RequestInit) =>
    schedule.effect(async () => {
      const [status, body] = answer(init.method!, new URL(url).pathname, JSON.parse(String(init.body ?? "{}")));
      if (schedule.happens(0.05)) throw new Error("The connection was cut before the answer.");
      return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
    });

  const quiet = () => {};
  return {
    branches,
    pulls,
    octokit: new Octokit({
      request: { fetch: request },
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    }),
    /** As git's push with an expectation. */
    push: (branch: string, commit: string, expect: string | undefined) =>
      schedule.effect(async () => {
        const now = branches.get(branch);
        if (now === commit) return "same" as const;
        if (now !== expect) return "moved" as const;
        branches.set(branch, commit);
        return "created" as const;
      }),
    commitOf: (...parts: string[]) => createHash("sha1").update(parts.join("\n")).digest("hex"),
  };
}
