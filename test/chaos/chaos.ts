import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { playRound, removeFolder } from "./round.ts";
import { scheduleLines, scheduleOf } from "./schedule.ts";

const USAGE = `npm run chaos -- [options]      jobs on one machine while things break; then what must hold is looked at
  --seed N       of the first round; each further round has the next one (default: a random one)
  --rounds M     how many (default 1), one to three minutes each
  --show         only print what would happen
The same seed plays the same schedule. A round that breaks something prints its schedule and what it broke, keeps its
folder, and makes this end with 1.`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(randomInt(1_000_000)) },
    rounds: { type: "string", default: "1" },
    show: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [first, rounds] = [Number(values.seed), Number(values.rounds)];

if (values.help || !Number.isSafeInteger(first) || first < 0 || !(Number.isSafeInteger(rounds) && rounds > 0)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  let broken = 0;
  for (let seed = first; seed < first + rounds; seed++) {
    const schedule = scheduleOf(seed);
    if (values.show) {
      console.log(scheduleLines(schedule).join("\n"));
      continue;
    }
    const outcome = await playRound(schedule);
    console.log(`seed ${seed}: ${outcome.broken.length === 0 ? "held" : "BROKEN"} (${outcome.facts})`);
    if (outcome.broken.length === 0) await removeFolder(outcome.folder);
    else {
      broken += 1;
      for (const line of [...scheduleLines(schedule), ...outcome.broken, `see ${outcome.folder}`])
        console.log(`  ${line}`);
    }
  }
  if (rounds > 1 && !values.show) console.log(`${rounds - broken} of ${rounds} rounds held.`);
  process.exitCode = broken > 0 ? 1 : 0;
}
