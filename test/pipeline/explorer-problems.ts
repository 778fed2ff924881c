import type { Turn } from "../../packages/conversation/conversation.ts";
import { beganAnewIn, type RepoRun } from "../../packages/jobs/repo-run.ts";
import { lostOf } from "../../packages/jobs/run-costs.ts";
import { hasEnded } from "../../packages/jobs/states.ts";
import { conversationRounds, createRecords } from "../../packages/store/records.ts";
import type { World } from "./explorer-world.ts";

/** What is wrong when a job has come to rest and every process has ended. */
export async function problemsOf(world: World): Promise<string[]> {
  const { end } = world;
  const [run] = end.runs;
  if (!run || !hasEnded(run.state)) return [`the run did not end: ${run?.state}`];
  const records = createRecords(world.artifacts);
  const turns = await Promise.all(end.rounds.map(({ round }) => records.turnsOf({ ...run, round })));
  const hasOutcome = (await records.outcome(run)) !== undefined;
  return [
    ...world.unexplained.map((error) => `a task failed: ${error instanceof Error ? error.stack : error}`),
    ...endings(world, run),
    ...pullRequests(world, run),
    ...content(world, run, turns.flat()),
    ...counts(world, run, turns, hasOutcome),
  ];
}

function* endings({ end, rested, gaveUp }: World, run: RepoRun) {
  if (end.rounds.some(({ finishedAt }) => !finishedAt)) yield "a round has no end";
  for (const one of [...rested.flatMap(({ runs }) => runs), run]) {
    const { state, round, reason } = one;
    if (state === "failed" && reason?.code === "branch-moved") yield "it met its own branch as a stranger";
    if (state === "failed" && !gaveUp.has(round)) yield `lost in round ${round}: ${reason?.message}`;
  }
  const last = rested.at(-1)!.runs;
  if (JSON.stringify(last) !== JSON.stringify(end.runs))
    yield `a zombie wrote on a row that had ended: ${JSON.stringify(last)} ${JSON.stringify(end.runs)}`;
}

function* pullRequests({ end, gaveUp, github: { pulls }, git: { branches } }: World, run: RepoRun) {
  // What a person ends may be followed by another one.
  if (pulls.filter(({ byHand }) => !byHand).length > 1) yield `${pulls.length} pull requests`;
  if (run.state === "cancelled" && !run.pullRequest && branches.size > 0)
    yield `cancelled, with ${pulls.length} pull requests and a branch`;
  if (end.rounds.at(-1)?.kind === "close" && !gaveUp.has(run.round))
    if (pulls[0]?.state !== "closed" || !run.pullRequest?.closed) yield "its pull request was not closed";
  if (run.state === "blocked" && !run.patch) yield "it was blocked, and what was done so far is lost";
  if (run.state !== "published" && run.state !== "blocked") return;
  if (run.pullRequest?.number !== pulls.at(-1)?.number) yield "published without its pull request";
  if (branches.size !== 1 + (run.leftBehind?.length ?? 0)) yield `${branches.size} branches`;
  if (branches.get(run.pullRequest!.branch) !== run.pullRequest!.commit) yield "the branch is not what the row says";
}

/** Every write of the stored turns is in the branch, and nothing else. */
function* content({ end, git }: World, run: RepoRun, turns: readonly Turn[]) {
  if (run.state !== "published") return;
  // A retry may publish the patch of the round before.
  const patchRound = Number(/\/r(\d+)\//.exec(run.patch!.key)![1]);
  const chain = conversationRounds(end.rounds, run.repository, patchRound);
  const writes = turns
    // What a person has merged stands in the base, which this git does not move.
    .filter(({ round }) => chain.includes(round) && round >= (beganAnewIn(run) ?? 1))
    .flatMap(({ received }) => received.content.filter(({ name }) => name === "write_file"))
    .map(({ input }) => input as { path: string; content: string });
  const wanted = new Map(writes.map(({ path, content: line }) => [path, line]));
  const found = git.filesOf(run.pullRequest!.commit);
  const shown = (files: Map<string, string>) => JSON.stringify([...files].toSorted());
  if (shown(found) !== shown(wanted)) yield `the branch holds ${shown(found)}, the turns wrote ${shown(wanted)}`;
}

function* counts({ asked }: World, run: RepoRun, turns: readonly Turn[][], hasOutcome: boolean) {
  const [latest = [], ...earlier] = turns.toReversed();
  const counted = { turns: run.turns - run.before.turns, output: run.usage.output - run.before.usage.output };
  const lost = lostOf(run)?.turns ?? 0;
  // A zombie may store an answer that stands as lost already; that turn is not asked for again after a cancel.
  const isLate = run.state === "cancelled" && latest.length - counted.turns <= lost;
  const inTime = isLate ? latest.slice(0, counted.turns) : latest;
  const paid = { turns: inTime.length, output: inTime.reduce((sum, { usage }) => sum + usage.output, 0) };
  if (hasOutcome && JSON.stringify(counted) !== JSON.stringify(paid))
    yield `the row counts ${JSON.stringify(counted)}, stored are ${JSON.stringify(paid)}`;
  // A round that died may have stored a last turn that its row never heard of: one turn, DESIGN.md rule 9.
  const before = earlier.flat().length - run.before.turns;
  if (before < 0 || before > earlier.length) yield `${before} turns of earlier rounds are not counted`;
  const unpaid = asked - turns.flat().length - lost;
  if (unpaid > 0) yield `${asked} turns were asked for, ${unpaid} are neither stored nor lost`;
  if (counted.turns > paid.turns) yield `counted ${counted.turns} of ${paid.turns} turns`;
}
