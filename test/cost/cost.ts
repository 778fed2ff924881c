import { billOfIdleMonth, billOfRun, type Line, totalOf } from "./bill.ts";
import { countRun } from "./count.ts";
import { GOALS, RUN } from "./goals.ts";
import { PRICES_OF } from "./prices.ts";

function print(title: string, lines: Line[], goalUsd: number) {
  const usd = (amount: number) => `$${amount.toFixed(5)}`;
  console.log(`\n${title}`);
  for (const { name, count, usd: amount } of lines) console.log(`  ${name.padEnd(16)} ${usd(amount)}  ${count}`);
  const total = totalOf(lines);
  const met = total < goalUsd;
  console.log(`  ${"together".padEnd(16)} ${usd(total)}  goal: under $${goalUsd}${met ? "" : ", NOT MET"}`);
  return met;
}

const { counts, repositories } = await countRun();
console.log(
  `Counted in a job of ${repositories} repositories on stand-ins, ${counts.turns.toFixed(1)} turns each, without the model.\n` +
    `AWS list prices as known on ${PRICES_OF}, us-east-1, on demand (Spot is about a third for Work); of the free tier only the dashboard. Sources: test/cost/prices.ts.`,
);
const run = print(
  `A repository run of ${RUN.minutes} minutes and ${RUN.turns} turns`,
  billOfRun(counts, RUN),
  GOALS.runUsd,
);
const idle = print("A month without a job", billOfIdleMonth({ keptGb: 1 }), GOALS.idleMonthUsd);
process.exitCode = run && idle ? 0 : 1;
