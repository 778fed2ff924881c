import type { Token } from "../credentials.ts";
import type { ForgeComment, ForgePullRequest, ForgeRepository } from "../state.ts";
import { repositoryAnswer, splitName } from "./repository.ts";
import { type Addresses, nodeId, ownerAnswer, type Schema, userAnswer } from "./user.ts";

/** What the forge has worked out about a pull request when it is asked for by its number. */
export type ForgePullRequestFacts = {
  mergeable: boolean | null;
  commits: number;
  additions: number;
  deletions: number;
  changedFiles: number;
  comments: number;
};

/** More than a repository ever has. */
export const PULL_REQUESTS = 100_000;
export const pullRequestId = (repository: ForgeRepository, { number }: ForgePullRequest) =>
  repository.id * PULL_REQUESTS + number;

type AnswerContext = { at: Addresses; repository: ForgeRepository; token: Token };

/** As a list has it. */
export function pullRequestInList({ at, repository, token }: AnswerContext, pull: ForgePullRequest) {
  const [owner] = splitName(repository);
  const api = `${at.apiUrl}/repos/${repository.name}`;
  const url = `${api}/pulls/${pull.number}`;
  const issue_url = `${api}/issues/${pull.number}`;
  const html_url = `${at.serverUrl}/${repository.name}/pull/${pull.number}`;
  const statuses_url = `${api}/statuses/${pull.headSha}`;
  const side = (ref: string, sha: string) => ({
    ref,
    sha,
    label: `${owner}:${ref}`,
    user: ownerAnswer(at, owner),
    repo: repositoryAnswer(at, repository, 0, token),
  });
  const id = pullRequestId(repository, pull);
  return {
    id,
    node_id: nodeId("PullRequest", id),
    url,
    html_url,
    diff_url: `${html_url}.diff`,
    patch_url: `${html_url}.patch`,
    issue_url,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issue_url}/comments`,
    statuses_url,
    number: pull.number,
    state: pull.state,
    locked: false,
    draft: pull.draft,
    title: pull.title,
    body: pull.body,
    user: userAnswer(at, pull.author),
    labels: pull.labels.map((name) => labelAnswer({ at, repository }, name)),
    milestone: null,
    assignee: null,
    assignees: [],
    requested_reviewers: pull.reviewers.map((login) => userAnswer(at, login)),
    requested_teams: [],
    auto_merge: null,
    author_association: "MEMBER" as const,
    head: side(pull.headBranch, pull.headSha),
    base: side(pull.baseBranch, pull.baseSha),
    _links: {
      self: { href: url },
      html: { href: html_url },
      issue: { href: issue_url },
      comments: { href: `${issue_url}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${api}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses_url },
    },
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    merged_at: pull.mergedAt,
    closed_at: pull.state === "closed" ? pull.updatedAt : null,
    merge_commit_sha: pull.mergeCommit,
  } satisfies Schema<"pull-request-simple">;
}

/** As itself. */
export const pullRequestAnswer = (asked: AnswerContext, pull: ForgePullRequest, facts: ForgePullRequestFacts) =>
  ({
    ...pullRequestInList(asked, pull),
    merged: pull.mergedAt !== null,
    mergeable: facts.mergeable,
    mergeable_state: facts.mergeable === null ? "unknown" : facts.mergeable ? "clean" : "dirty",
    merged_by: pull.mergedBy ? userAnswer(asked.at, pull.mergedBy) : null,
    comments: facts.comments,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: facts.commits,
    additions: facts.additions,
    deletions: facts.deletions,
    changed_files: facts.changedFiles,
  }) satisfies Schema<"pull-request">;

export const labelAnswer = ({ at, repository }: Pick<AnswerContext, "at" | "repository">, name: string) =>
  ({
    id: [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, repository.id),
    node_id: nodeId("Label", `${repository.id}:${name}`),
    url: `${at.apiUrl}/repos/${repository.name}/labels/${encodeURIComponent(name)}`,
    name,
    description: "",
    color: "ededed",
    default: false,
  }) satisfies Schema<"label">;

export const commentAnswer = ({ at, repository }: Pick<AnswerContext, "at" | "repository">, comment: ForgeComment) => {
  const api = `${at.apiUrl}/repos/${repository.name}/issues`;
  return {
    id: comment.id,
    node_id: nodeId("IssueComment", comment.id),
    url: `${api}/comments/${comment.id}`,
    html_url: `${at.serverUrl}/${repository.name}/pull/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${api}/${comment.issue}`,
    user: userAnswer(at, comment.author),
    author_association: "MEMBER" as const,
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.createdAt,
  } satisfies Schema<"issue-comment">;
};
