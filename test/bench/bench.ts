import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { ackFigures } from "./acks.ts";
import { crowdFigures } from "./crowd.ts";
import { type Figure, isMet, table } from "./figure.ts";
import { finishFigures } from "./finish.ts";
import { floorFigures } from "./floor.ts";
import { followedFigures } from "./followed.ts";
import { type JobRun, jobFigures, runJob } from "./job.ts";
import { loadFigures } from "./load.ts";
import { longRunFigures } from "./long-run.ts";
import { publishFigures } from "./publish.ts";
import { openRig } from "./rig.ts";
import { storedFigures } from "./stored.ts";
import { LISTED_REPOSITORIES, typeAheadFigures } from "./type-ahead.ts";
import { yearsFigures } from "./years.ts";

const USAGE = `npm run bench                 every figure with its goal; about two minutes
npm run bench -- [options]
  --json          one object
  --repeat 3      how often the job of 5 repositories runs; figures are medians
  --only job      one part: job, long-run, ack, type-ahead, finish; load, stored, crowd, publish, floor, followed, years only so
  --load          also 50 jobs of 5 repositories at once; many minutes`;

const REPOSITORIES = 5;
/** Left out of the plain bench, which stays short. */
const LONG = ["load", "stored", "crowd", "publish", "floor", "followed", "years"];

const parts: Record<string, () => Promise<Figure[]>> = {
  async job() {
    await using rig = await openRig({ repositories: REPOSITORIES });
    // Node has compiled the runner before anything counts, as it has from the second job on.
    await runJob(rig, 1, 0);
    const idle = await runJob(rig, 1, 0);
    const runs: JobRun[] = [];
    for (let i = 0; i < Number(values.repeat); i++) runs.push(await runJob(rig));
    return jobFigures(runs, idle);
  },
  async "long-run"() {
    await using rig = await openRig({ repositories: 1 });
    return await longRunFigures(rig);
  },
  async ack() {
    await using rig = await openRig({ repositories: REPOSITORIES });
    return await ackFigures(rig);
  },
  async "type-ahead"() {
    await using rig = await openRig({ repositories: 1, listed: LISTED_REPOSITORIES });
    return await typeAheadFigures(rig);
  },
  finish: finishFigures,
  stored: storedFigures,
  publish: publishFigures,
  followed: followedFigures,
  years: yearsFigures,
  async crowd() {
    await using rig = await openRig({ repositories: REPOSITORIES });
    return await crowdFigures(rig);
  },
  async floor() {
    await using rig = await openRig({ repositories: 1 });
    return await floorFigures(rig);
  },
  async load() {
    await using rig = await openRig({ repositories: REPOSITORIES });
    return await loadFigures(rig);
  },
};

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    load: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    repeat: { type: "string", default: "3" },
    only: { type: "string" },
  },
});

if (values.help || (values.only !== undefined && !parts[values.only]) || !(Number(values.repeat) >= 1)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const chosen = Object.keys(parts).filter((name) =>
    values.only === undefined ? !LONG.includes(name) || (name === "load" && values.load) : name === values.only,
  );
  const loadBefore = loadavg()[0]!;
  const figures: Figure[] = [];
  for (const name of chosen) figures.push(...(await parts[name]!()));
  const machine = { cores: availableParallelism(), node: process.version, loadBefore, loadAfter: loadavg()[0]! };
  if (values.json)
    console.log(JSON.stringify({ machine, figures: figures.map((figure) => ({ ...figure, met: isMet(figure) })) }));
  else {
    for (const line of table(figures)) console.log(line);
    console.log(
      `\n${machine.cores} cores, node ${machine.node}, load ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after; all of it is stand-ins and runners on this machine, the model is scripted.`,
    );
  }
}
