import type { Token } from "../credentials.ts";
import type { ForgeCheck, ForgeRepository } from "../state.ts";
import { repositoryAnswer } from "./repository.ts";
import { type Addresses, BEGINNING, nodeId, ownerAnswer, type Schema, userAnswer } from "./user.ts";

const CONCLUSIONS = { success: "success", failure: "failure", cancelled: "cancelled", skipped: "skipped" } as const;
const STATES = { success: "success", failure: "failure", cancelled: "error", skipped: "success" } as const;

const isActions = ({ log }: ForgeCheck) => log !== null;

/** A job of GitHub Actions has the id of its check run. */
export function checkRunAnswer(at: Addresses, repository: ForgeRepository, check: ForgeCheck) {
  const { id, sha, name, outcome, title, summary, text, annotations } = check;
  const url = `${at.apiUrl}/repos/${repository.name}/check-runs/${id}`;
  const web = `${at.serverUrl}/${repository.name}`;
  return {
    id,
    node_id: nodeId("CheckRun", id),
    head_sha: sha,
    external_id: `${id}`,
    url,
    html_url: `${web}/runs/${id}`,
    details_url: isActions(check) ? `${web}/actions/runs/${id}/job/${id}` : `${web}/runs/${id}`,
    status: outcome === null ? "in_progress" : "completed",
    conclusion: outcome === null ? null : CONCLUSIONS[outcome],
    started_at: BEGINNING,
    completed_at: outcome === null ? null : BEGINNING,
    output: { title, summary, text, annotations_count: annotations.length, annotations_url: `${url}/annotations` },
    name,
    check_suite: { id },
    app: appOf(at, isActions(check) ? "github-actions" : "sample-ci"),
    pull_requests: [],
  } satisfies Schema<"check-run">;
}

const appOf = (at: Addresses, slug: string) =>
  ({
    id: 15_368,
    slug,
    node_id: nodeId("App", slug),
    owner: ownerAnswer(at, "github"),
    name: slug,
    description: "",
    external_url: at.serverUrl,
    html_url: `${at.serverUrl}/apps/${slug}`,
    created_at: BEGINNING,
    updated_at: BEGINNING,
    permissions: { checks: "write", metadata: "read" },
    events: [],
  }) satisfies Schema<"integration">;

export const annotationAnswer = (
  at: Addresses,
  repository: ForgeRepository,
  { sha }: ForgeCheck,
  { path, line, message }: ForgeCheck["annotations"][number],
) =>
  ({
    path,
    start_line: line,
    end_line: line,
    start_column: null,
    end_column: null,
    annotation_level: "failure",
    title: null,
    message,
    raw_details: null,
    blob_href: `${at.serverUrl}/${repository.name}/blob/${sha}/${path}`,
  }) satisfies Schema<"check-annotation">;

type StatusesOf = { sha: string; all: readonly ForgeCheck[]; shown: readonly ForgeCheck[] };

export function combinedStatusAnswer(
  { at, repository, token }: { at: Addresses; repository: ForgeRepository; token: Token },
  { sha, all, shown }: StatusesOf,
) {
  const commit_url = `${at.apiUrl}/repos/${repository.name}/commits/${sha}`;
  const stateOf = ({ outcome }: ForgeCheck) => (outcome === null ? "pending" : STATES[outcome]);
  const states = all.map(stateOf);
  const statuses = shown.map((check) => ({
    url: `${at.apiUrl}/repos/${repository.name}/statuses/${sha}`,
    avatar_url: userAnswer(at, "sample-ci[bot]").avatar_url,
    id: check.id,
    node_id: nodeId("StatusContext", check.id),
    state: stateOf(check),
    description: check.title,
    target_url: null,
    context: check.name,
    created_at: BEGINNING,
    updated_at: BEGINNING,
  }));
  return {
    state: states.some((one) => one === "failure" || one === "error")
      ? "failure"
      : states.includes("pending") || states.length === 0
        ? "pending"
        : "success",
    statuses,
    sha,
    total_count: all.length,
    repository: repositoryAnswer(at, repository, 0, token),
    commit_url,
    url: `${commit_url}/status`,
  } satisfies Schema<"combined-commit-status">;
}
