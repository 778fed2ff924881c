import { describe, expect, it } from "vitest";
import { RepoRunState } from "../../packages/jobs/states.ts";
import { faultAt, type RecordedChance, seeded, single } from "./explorer-chance.ts";
import { problemsOf } from "./explorer-problems.ts";
import { type Broken, oneJob, type Story, TASK_TRIES } from "./explorer-world.ts";

/** More of them: CODY_SEEDS=20000, which also looks at every moment of a person's doing. The first one: CODY_FIRST_SEED. */
const SEEDS = Number(process.env.CODY_SEEDS || 64);
const FIRST_SEED = Number(process.env.CODY_FIRST_SEED || 1);
const timeout = 300_000 + SEEDS * 200;
/** A job has some 250 steps; primes, so that a moment is not always the same one of a turn. */
const stride = (usual: number) => (SEEDS > 1_000 ? 1 : usual);

/** How it ended, and what is wrong with that. */
async function explored(chance: RecordedChance, story: Story = {}, broken: Broken = {}) {
  const world = await oneJob(chance, story, broken);
  const problems = await problemsOf(world);
  return { end: `${world.end.runs[0]?.state} in round ${world.end.rounds.length}`, problems, steps: world.steps };
}

/** Half of those who ask follow up or take it back; of the others one in four asks what cannot be done or cancels. */
const storyOf = (seed: number): Story => ({
  followsUp: seed % 4 === 0,
  takesBack: seed % 4 === 2,
  isBlocked: seed % 8 === 3,
  ...(seed % 8 === 1 && { cancelsAt: (seed * 7) % 250 }),
});

/** GUARANTEES.md, K1 to K12, as this test calls them. */
const KILL_POINTS = [
  ["K1", "dispatch: start execution"],
  ["K4", "work: clone"],
  ["K5", "work: ask Claude"],
  ["K5", "work: put turn"],
  ["K6", "work: put patch"],
  ["K7", "work: put outcome"],
  ["K7", "work: update REPO"],
  ["K8", "publish: commit"],
  ["K9", "publish: push"],
  ["K10", "publish: POST /pulls"],
  ["K11", "publish: update REPO"],
  ["K12", "finish: update ROUND"],
] as const;

describe("one job, whatever dies, is lost or comes back on its way", () => {
  it("one fault, wherever one can be: published at once, with one pull request", { timeout }, async () => {
    const met = new Set<string>();
    for (let nth = 1; ; nth++) {
      const chance = single(nth);
      const told = { nth, ...(await explored(chance)) };
      const [fault] = chance.faults;
      if (!fault) break;
      met.add(fault);
      expect({ fault, ...told }).toMatchObject({ end: "published in round 1", problems: [] });
      if (!/^(?:lost sight of|started twice)/.test(fault)) continue;
      const later = await explored(single(nth, "behind"));
      expect({ fault: `${fault}, a zombie behind`, ...later }).toMatchObject({ end: told.end, problems: [] });
    }
    for (const [, point] of KILL_POINTS)
      expect([...met]).toEqual(
        expect.arrayContaining([`killed at ${point}`, `killed at ${point}, answer`, `lost sight of at ${point}`]),
      );
    // K3, and SIGTERM (G6).
    expect([...met]).toEqual(
      expect.arrayContaining(["started twice at work", "started twice at publish", "told to stop at work: ask Claude"]),
    );
  });

  it.each(["merged", "closed"] as const)(
    "a person who has it %s by hand at any moment of a follow-up: its round ends, and with one open at most",
    { timeout },
    async (how) => {
      const ends = new Set<string>();
      let steps = 1;
      for (let at = 1; at <= steps; at += stride(13)) {
        const found = await explored(faultAt("killed", "nowhere"), { followsUp: true, byHand: { at, how } });
        expect({ at, ...found }).toMatchObject({ problems: [] });
        ends.add(found.end);
        steps = found.steps;
      }
      expect([...ends].toSorted()).toEqual(["patch-ready in round 2", "published in round 2"]);
    },
  );

  it.each([
    ["with no fault", "nowhere"],
    ["and Publish dies behind its push", "publish: push, answer"],
    ["and Publish dies behind opening the pull request", "publish: POST /pulls, answer"],
  ])("a cancel at any moment, %s: cancelled and nothing on GitHub, or published", { timeout }, async (_, at) => {
    const ends = new Set<string>();
    let steps = 1;
    for (let cancelsAt = 1; cancelsAt <= steps; cancelsAt += stride(7)) {
      const found = await explored(faultAt("killed", at), { cancelsAt });
      expect({ cancelsAt, ...found }).toMatchObject({ problems: [] });
      ends.add(found.end);
      steps = found.steps;
    }
    expect([...ends].toSorted()).toEqual(["cancelled in round 1", "published in round 1"]);
  });

  it(`many faults at random: an end, one pull request with every turn's work, each turn counted once (${SEEDS} seeds)`, {
    timeout,
  }, async () => {
    const ends: Record<string, number> = {};
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const chance = seeded(seed);
      const { end, problems } = await explored(chance, storyOf(seed));
      expect({ seed, problems, ...(problems.length > 0 && { faults: chance.faults }) }).toEqual({ seed, problems: [] });
      ends[end] = (ends[end] ?? 0) + 1;
    }
    // Else nothing was looked at but failures.
    const share = (end: string) => (ends[end] ?? 0) / SEEDS;
    expect(share("published in round 1") + share("published in round 2")).toBeGreaterThan(0.3);
    expect(share("published in round 2")).toBeGreaterThan(0.05);
    expect(share("blocked in round 2")).toBeGreaterThan(0.05);
    expect(share("unchanged in round 3")).toBeGreaterThan(0.05);
  });

  it("every task of a publish dies right behind its push, and a retry comes after", async () => {
    const found = await explored(single(0), {}, { pushesLost: TASK_TRIES });
    expect(found).toMatchObject({ end: "published in round 2", problems: [] });
  });

  it.each([
    "publish: PATCH /pulls/N",
    "publish: PATCH /pulls/N, answer",
    "publish: POST /issues/N/comments",
    "publish: POST /issues/N/comments, answer",
  ])("closing what is not needed any more dies at %s, and is closed all the same", async (at) => {
    const chance = faultAt("killed", at);
    const found = await explored(chance, { takesBack: true });
    expect({ ...found, faults: chance.faults }).toMatchObject({
      end: "unchanged in round 3",
      problems: [],
      faults: [`killed at ${at}`],
    });
  });

  it.each(["POST /pulls", "push", "list branches", "GET /pulls"])(
    "a Publish that was given up before its %s wakes when a later round has closed the pull request: one was open",
    async (before) => {
      const chance = { ...faultAt("lost sight of", `publish: ${before}`), zombies: "behind" as const };
      const found = await explored(chance, { takesBack: true });
      expect(found).toMatchObject({ end: "unchanged in round 3", problems: [] });
      expect(chance.faults).toHaveLength(1);
    },
  );

  it("the same seed is the same run", async () => {
    const [one, two] = [seeded(7), seeded(7)];
    expect([await explored(one), one.faults]).toEqual([await explored(two), two.faults]);
  });
});

/** Each is one at random and one fault with a late zombie. */
const MUTANT_TRIES = 150;

describe("a rule that is broken on purpose is found:", () => {
  const rules: [string, Broken][] = [
    [
      "a runner writes without its lease",
      {
        store: (store) => ({
          ...store,
          async updateRun(lease, changes) {
            return (await store.moveRun(lease, RepoRunState.options, changes))!;
          },
        }),
      },
    ],
    [
      "a commit has the date of its round",
      {
        branchTree: (tree, { requestedAt }) => ({
          ...tree,
          commit: (request) => tree.commit({ ...request, date: new Date(requestedAt) }),
        }),
        pushesLost: TASK_TRIES,
      },
    ],
    [
      "a row does not say that a request is out",
      {
        store: (store) => ({
          ...store,
          updateRun: (lease, { asking: _, ...changes }) => store.updateRun(lease, changes),
        }),
      },
    ],
    [
      "a task that lost its lease ends as if all were well",
      { leavesQuietly: (error) => ["LeaseLost", "TurnTaken"].includes((error as Error).name) },
    ],
    ["an object is written anew", { rewrites: true }],
    [
      "an attempt goes on with the turns and without the tree",
      { workTree: (tree) => ({ ...tree, apply: async () => ({ treeId: "" }) }) },
    ],
  ];
  it.each(rules)("%s", { timeout }, async (_, broken) => {
    const look = (chance: RecordedChance, story?: Story) =>
      explored(chance, story, broken).then(
        ({ problems }) => problems,
        (error: unknown) => [String(error)],
      );
    let found: string[] = [];
    for (let i = 1; i <= MUTANT_TRIES && found.length === 0; i++)
      found = [...(await look(seeded(i), storyOf(i))), ...(await look(single(4 * i, "behind")))];
    expect(found).not.toEqual([]);
  });
});
