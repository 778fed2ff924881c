import { parseArgs } from "node:util";
import { isMet, table } from "./figure.ts";
import { jobFigures, runJob } from "./job.ts";
import { openRig } from "./rig.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, repeat: { type: "string", default: "3" } },
});
const figures = [];
{
  await using rig = await openRig({ repositories: 5 });
  await runJob(rig, 1, 0);
  const idle = await runJob(rig, 1, 0);
  const runs = [];
  for (let i = 0; i < Number(values.repeat); i++) runs.push(await runJob(rig));
  if (!values.json) for (const run of [idle, ...runs]) console.error(JSON.stringify(run));
  figures.push(...jobFigures(runs, idle));
}
if (values.json) console.log(JSON.stringify(figures.map((figure) => ({ ...figure, met: isMet(figure) }))));
else for (const line of table(figures)) console.log(line);
