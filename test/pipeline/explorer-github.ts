import { Octokit } from "@octokit/rest";
import type { Schedule } from "./explorer-schedule.ts";

type Pull = {
  number: number;
  branch: string;
  title: string;
  body: string;
  draft: boolean;
  state: "open" | "closed";
  /** What a person did with it. */
  byHand?: "merged" | "closed";
};

/** GitHub's side of one repository's pull requests: one open pull request a branch. */
export function memoryGitHub(
  name: string,
  { schedule, branches }: { schedule: Schedule; branches: Map<string, string> },
) {
  const pulls: Pull[] = [];
  const shown = ({ number, branch, title, body, draft, state, byHand }: Pull) => ({
    node_id: `PR_${number}`,
    number,
    title,
    body,
    state,
    draft,
    merged_at: byHand === "merged" ? "2026-11-27T10:00:00Z" : null,
    mergeable: true,
    labels: [],
    user: { login: "cody" },
    html_url: `https://github.invalid/${name}/pull/${number}`,
    head: { ref: branch, sha: branches.get(branch) ?? "", repo: { full_name: name } },
  });
  const inRepository = `/repos/${name}`;

  function answer(method: string, { pathname, searchParams }: URL, body: Partial<Pull> & { head?: string }) {
    const path = decodeURIComponent(pathname.slice(inRepository.length));
    const [, branch] = /^\/git\/refs?\/heads\/(.+)$/.exec(path) ?? [];
    if (branch !== undefined) return refAt(method, branch);
    const number = Number(/^\/(?:pulls|issues)\/(\d+)/.exec(path)?.[1]);
    const pull = pulls.find((one) => one.number === number);
    if (path === "/pulls" && method === "POST") return open(body);
    if (path === "/pulls") {
      const branch = searchParams.get("head")?.split(":")[1];
      return [200, pulls.filter((one) => one.branch === branch).map(shown)] as const;
    }
    if (!pull) return [404, { message: "Not Found" }] as const;
    if (path.startsWith("/issues/")) return [200, []] as const;
    if (method === "PATCH") Object.assign(pull, body);
    return [200, shown(pull)] as const;
  }

  function refAt(method: string, branch: string) {
    const sha = branches.get(branch);
    if (sha === undefined) return [method === "GET" ? 404 : 422, { message: "Reference does not exist" }] as const;
    if (method === "GET") return [200, { object: { sha } }] as const;
    branches.delete(branch);
    return [204, {}] as const;
  }

  function open({ head = "", title = "", body = "", draft = false }: Partial<Pull> & { head?: string }) {
    if (!branches.has(head))
      return [422, { message: "Validation Failed", errors: [{ field: "head", code: "invalid" }] }] as const;
    if (pulls.some(({ branch, state }) => branch === head && state === "open"))
      return [422, { message: "A pull request already exists for this branch." }] as const;
    const pull: Pull = { number: pulls.length + 1, branch: head, title, body, draft, state: "open" };
    pulls.push(pull);
    return [201, shown(pull)] as const;
  }

  const fetch = (address: string, init: { method: string; body?: string }) => {
    const url = new URL(address);
    const what = `${init.method} ${url.pathname.slice(inRepository.length).replace(/\d+/, "N")}`;
    return schedule.effect(what, () => {
      const [status, body] = answer(init.method, url, JSON.parse(init.body ?? "{}"));
      if (schedule.answerLost(what)) throw new Error("The connection was cut before the answer.");
      const headers = new Map([["content-type", "application/json"]]);
      return { status, url: address, headers, text: async () => JSON.stringify(body) };
    });
  };

  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  /** As a person who presses Merge or Close, where something is open. */
  function endByHand(how: "merged" | "closed") {
    const pull = pulls.find(({ state }) => state === "open");
    if (pull) Object.assign(pull, { state: "closed", byHand: how });
  }
  const stateOf = ({ state, byHand }: Pull) => byHand ?? state;
  return { pulls, endByHand, stateOf, octokit: new Octokit({ request: { fetch, log }, log }) };
}
