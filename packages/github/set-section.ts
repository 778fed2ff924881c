import type { JobRecord } from "../jobs/job-record.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { followedStatusOf } from "../jobs/run-pull-request.ts";
import { runStanding, STANDINGS } from "../jobs/standings.ts";
import { codeSpan, inertLine } from "./inert-markdown.ts";
import { ownerAndRepo } from "./repositories.ts";

/** Between these two lines of a pull request's text Cody writes, and nowhere else. */
const FROM = "<!-- cody-set -->";
const TO = "<!-- /cody-set -->";

/** The last one: what a check printed, or a model wrote, stands before ours and may hold the same lines. */
function placeOfSection(text: string): { from: number; to: number } | undefined {
  const end = text.lastIndexOf(TO);
  const from = end < 0 ? -1 : text.lastIndexOf(FROM, end);
  return from < 0 ? undefined : { from, to: end + TO.length };
}

/** undefined: the text has no section, or a person has taken it out. */
export function replaceSection(body: string, section: string): string | undefined {
  const place = placeOfSection(body);
  return place && body.slice(0, place.from) + section + body.slice(place.to);
}

/** `body` with the section that stands in `before`, where both have one. */
export function withSectionOf(body: string, before: string): string {
  const text = before.replaceAll("\r\n", "\n");
  const place = placeOfSection(text);
  return (place && replaceSection(body, text.slice(place.from, place.to))) ?? body;
}

/** Text whose section may change without its being edited by a person. */
export const withoutSection = (text: string) => replaceSection(text, FROM) ?? text;

/**
 * Pure: who asked, and how the other pull requests of the job stand. People and threads are named where the same people
 * see the repository, a private repository only in private ones of its owner, and any other one only while GitHub says
 * that everyone may read it: `publicNow`.
 */
export function setSection(record: JobRecord, run: RepoRun, publicNow: ReadonlySet<string>): string {
  const { job } = record;
  const siblings = siblingsOf(record, run).filter((one) => publicNow.has(one.repository) || isSeenByTheSame(one, run));
  const lines = siblings.map((one) => `- ${nameOf(one)}: ${standsSo(one)}`);
  const head = [whoAsked(record, run), ...(lines.length > 0 ? [`**With it** (job ${codeSpan(job.jobId, 40)}):`] : [])];
  return [FROM, head.join("\n\n"), "", ...lines, TO].join("\n").replace(/\n{3,}/g, "\n\n");
}

/** GitHub is asked about these before the text of `run` names them: they were public when they were seen last. */
export const namedIfPublic = (record: JobRecord, run: RepoRun): string[] =>
  siblingsOf(record, run)
    .filter((one) => wasPublic(one) && !isSeenByTheSame(one, run))
    .map(({ repository }) => repository);

const siblingsOf = ({ runs }: JobRecord, run: RepoRun) => runs.filter((one) => one.repository !== run.repository);

/** One of which GitHub has not said whether it is private counts as private. */
const wasPublic = (run: RepoRun) => run.isPrivate === false && followedStatusOf(run)?.isPrivate !== true;

const ownerOf = ({ repository }: RepoRun) => ownerAndRepo(repository).owner.toLowerCase();

const isSeenByTheSame = (named: RepoRun, run: RepoRun) => isStillPrivate(run) && ownerOf(named) === ownerOf(run);

/** As it was when the job began, and when GitHub was asked last. */
const isStillPrivate = (run: RepoRun) => run.isPrivate === true && followedStatusOf(run)?.isPrivate !== false;

function whoAsked({ job, card }: JobRecord, run: RepoRun): string {
  if (!isStillPrivate(run)) return "";
  const { login, name } = job.requester ?? {};
  const who = login ? codeSpan(login, 100) : name ? inertLine(name, 100) : "a person";
  const where = card?.permalink ? ` in [a Slack thread](<${card.permalink.replaceAll(/[<>\s]/g, "")}>)` : "";
  return `Asked for by ${who}${where}.`;
}

const nameOf = ({ repository, pullRequest }: RepoRun) =>
  pullRequest ? `[${repository}#${pullRequest.number}](<${pullRequest.url}>)` : codeSpan(repository, 200);

/** Coarse words: what changes with each check would be written all day. */
function standsSo(run: RepoRun): string {
  const { pullRequest } = run;
  const standing = runStanding(run);
  if (!pullRequest) return standing ? STANDINGS[standing].words : "in the works";
  const status = followedStatusOf(run);
  if (status?.state === "merged") return "merged";
  if (status?.state === "closed" || pullRequest.closed) return "closed";
  return (status?.draft ?? pullRequest.draft) ? "draft" : "open";
}
