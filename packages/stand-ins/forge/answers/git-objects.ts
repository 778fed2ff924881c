import type { ForgeRepository } from "../state.ts";
import { type Addresses, nodeId, type Schema } from "./user.ts";

export type CommitFacts = {
  sha: string;
  tree: string;
  author: { name: string; email: string; date: string };
  parents: readonly string[];
  message: string;
};
export type CommitAnswer = ReturnType<typeof commitAnswer>;

/** No commit of the forge belongs to an account: it maps no e-mail addresses. */
export const commitAnswer = (at: Addresses, repository: ForgeRepository, commit: CommitFacts) => {
  const api = `${at.apiUrl}/repos/${repository.name}`;
  const url = `${api}/commits/${commit.sha}`;
  return {
    url,
    sha: commit.sha,
    node_id: nodeId("Commit", commit.sha),
    html_url: `${at.serverUrl}/${repository.name}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.author,
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    },
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}` })),
  } satisfies Schema<"commit">;
};

/** The bare object, as the Git database has it. */
export const gitCommitAnswer = (at: Addresses, repository: ForgeRepository, commit: CommitFacts) => {
  const { author, node_id, html_url, ...whole } = commitAnswer(at, repository, commit);
  const { tree, message } = whole.commit;
  return {
    sha: commit.sha,
    node_id,
    url: whole.commit.url,
    html_url,
    author: commit.author,
    committer: commit.author,
    message,
    tree,
    parents: whole.parents.map(({ sha, url }) => ({
      sha,
      url,
      html_url: `${at.serverUrl}/${repository.name}/commit/${sha}`,
    })),
    verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
  } satisfies Schema<"git-commit">;
};

export const refAnswer = (at: Addresses, repository: ForgeRepository, ref: string, sha: string) => {
  const api = `${at.apiUrl}/repos/${repository.name}/git`;
  return {
    ref,
    node_id: nodeId("Ref", `${repository.id}:${ref}`),
    url: `${api}/${ref}`,
    object: { type: "commit", sha, url: `${api}/commits/${sha}` },
  } satisfies Schema<"git-ref">;
};

export type TreeEntry = { path: string; mode: string; type: string; sha: string; size?: number };

export const treeAnswer = (at: Addresses, repository: ForgeRepository, sha: string, tree: readonly TreeEntry[]) => {
  const git = `${at.apiUrl}/repos/${repository.name}/git`;
  const kind = (type: string) => (type === "tree" ? "trees" : type === "blob" ? "blobs" : "commits");
  return {
    sha,
    url: `${git}/trees/${sha}`,
    truncated: false,
    tree: tree.map((entry) => ({
      ...entry,
      path: entry.path.toWellFormed(),
      url: `${git}/${kind(entry.type)}/${entry.sha}`,
    })),
  } satisfies Schema<"git-tree">;
};

export const blobAnswer = (at: Addresses, repository: ForgeRepository, sha: string, bytes: Buffer) =>
  ({
    sha,
    node_id: nodeId("Blob", sha),
    size: bytes.length,
    url: `${at.apiUrl}/repos/${repository.name}/git/blobs/${sha}`,
    content: bytes.toString("base64"),
    encoding: "base64",
  }) satisfies Schema<"blob">;
