import { REPOSITORIES_ACTION } from "../../slack/interactions/run-fields.ts";
import { type Figure, percentile } from "./figure.ts";
import type { Rig } from "./rig.ts";

const LISTED = 5_000;
/** What people type: names, owners, topics, languages, two words, something that no repository has. */
const QUERIES = [
  "",
  "s",
  "service-49",
  "team-12/",
  "backend",
  "typescript",
  "area-7 java",
  "service 3",
  "zzz",
  "orders",
];
const ROUNDS = 20;
const LIST_WITHIN_MS = 60_000;

export const LISTED_REPOSITORIES = LISTED;

/** Each key of a person's typing goes from Slack to the app and back. */
export async function typeAheadFigures(rig: Rig): Promise<Figure[]> {
  await rig.openModal("/cody");
  const modal = await rig.requester.modal();
  const openedAt = performance.now();
  while ((await modal.suggest(REPOSITORIES_ACTION, `service-${LISTED - 1}`)).length === 0)
    if (performance.now() - openedAt > LIST_WITHIN_MS) throw new Error("The list of repositories does not come.");
  const listedMs = performance.now() - openedAt;
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++)
    for (const query of QUERIES) {
      const startedAt = performance.now();
      await modal.suggest(REPOSITORIES_ACTION, query);
      times.push(performance.now() - startedAt);
    }
  modal.close();
  const p = (percent: number) => percentile(times, percent);
  return [
    {
      name: "type-ahead, p99",
      value: p(99),
      goal: 300,
      unit: "ms",
      note: `${times.length} queries over ${LISTED} repositories, p50 ${p(50).toFixed(0)} ms, slowest ${Math.max(...times).toFixed(0)} ms; a fresh process had the list after ${(listedMs / 1_000).toFixed(1)} s`,
    },
  ];
}
