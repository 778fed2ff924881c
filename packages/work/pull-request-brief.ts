import type { GitHub } from "../github/client.ts";
import { statusOf } from "../github/errors.ts";
import { ownerAndRepo } from "../github/repositories.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";

/**
 * What a round about an open pull request asks of the agent, from what GitHub says when it begins. `facts` hold words of
 * others, each in a tag. `given`: what the row keeps of it. `stop`: there is nothing to do, and nothing is spent.
 */
export type PullRequestBrief =
  | { kind: "go"; followUp: string; facts: string[]; given: Pick<RepoRun, "fixing" | "answering"> }
  | { kind: "stop"; reason: Reason };

export const stopped = (reason: Reason): PullRequestBrief => ({ kind: "stop", reason });

type Found = { ok: true; head: string; baseBranch: string; nodeId: string } | { ok: false; reason: Reason };

/** The pull request as GitHub has it now: still open, and on a commit of ours, or why the round has nothing to do. */
export async function openOnOurCommit(github: GitHub, { repository, pullRequest }: RepoRun): Promise<Found> {
  const { number, commit } = pullRequest!;
  const gone = { ok: false, reason: because("pull-request-closed", number, "closed") } as const;
  try {
    const { data } = await github.rest.pulls.get({ ...ownerAndRepo(repository), pull_number: number });
    if (data.state !== "open")
      return { ok: false, reason: because("pull-request-closed", number, data.merged_at ? "merged" : "closed") };
    if (data.head.sha !== commit) return { ok: false, reason: because("head-moved", number) };
    return { ok: true, head: commit, baseBranch: data.base.ref, nodeId: data.node_id };
  } catch (error) {
    if ([404, 410].includes(statusOf(error) ?? 0)) return gone;
    throw error;
  }
}

/** Words of others in a tag of their own, which nothing in them can end. */
export function inOwnTag(tag: string, attributes: Record<string, string>, text: string): string {
  const named = Object.entries(attributes).map(([name, value]) => ` ${name}="${inAttribute(value)}"`);
  const ends = new RegExp(`<(\\s*/\\s*${tag})`, "gi");
  return `<${tag}${named.join("")}>\n${text.replace(ends, "<\\$1").trimEnd()}\n</${tag}>`;
}

const inAttribute = (value: string) => value.replaceAll('"', "'").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
