import type { types } from "@slack/bolt";
import { type Figures, figuresOf, usdPerMerged } from "../../jobs/numbers.ts";
import { plural } from "../../text/counts.ts";
import { dollars } from "../../text/money.ts";
import { button } from "../button.ts";
import { optionOf } from "../inputs.ts";
import { LIMITS, literal, plain, richText } from "../text.ts";
import { actions, bullets, context, facts, header, preformatted, withinView } from "./blocks.ts";
import { monthBeside, monthOf, type NumberedJob, type Numbers } from "./read-numbers.ts";

const NUMBERS_MODAL = "cody-numbers";
export const NUMBERS_ACTIONS = { month: "cody-numbers-month", download: "cody-numbers-csv" } as const;

const MONTHS_OFFERED = 24;
const MAX_LINES = 10;
const BAR = 20;

const monthName = (month: string) =>
  new Date(`${month}-01`).toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" });

const hoursWords = (hours: number) => (hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`);
const money = (usd: number, { isAtLeast, isSimulated }: Figures) =>
  `${isAtLeast ? "at least " : ""}${dollars(usd)}${isSimulated ? " (simulated)" : ""}`;

/** "$1.20 and 5.3 h for each merged one". */
function eachWords(figures: Figures): string {
  const usd = usdPerMerged(figures);
  if (usd === undefined) return `${money(figures.spentUsd, figures)}, none merged yet`;
  const hours = figures.hours === undefined ? "" : ` and ${hoursWords(figures.hours)}`;
  return `${money(usd, figures)}${hours} for each merged one`;
}

const counts = ({ opened, merged, unchanged, closed }: Figures) =>
  `${opened} opened, ${merged} merged (${unchanged} unchanged), ${closed} closed`;

/** Slack has no chart: a bar of characters a month. All of them together are `BAR` wide at most. */
function chart({ months, jobs }: Numbers): types.RichTextBlock[] {
  const figures = months.map((month) => figuresOf(jobs.filter(({ job }) => monthOf(job) === month).flatMap(runsOf)));
  const most = Math.max(1, ...figures.map(({ opened }) => opened));
  const part = (count: number, sign: string) => sign.repeat(Math.round((count / most) * BAR));
  const counted = figures.map(({ merged, opened }) => `${merged} of ${opened}`);
  const width = Math.max(...counted.map(({ length }) => length));
  const lines = figures.map(({ opened, merged, closed }, i) => {
    const bar = `${part(merged, "█")}${part(opened - merged - closed, "▒")}${part(closed, "░")}`;
    return `${months[i]}  ${counted[i]!.padStart(width)} ${bar}`.trimEnd();
  });
  return preformatted(["█ merged  ▒ open  ░ closed", ...lines].join("\n")).map((block) => richText(block));
}

const runsOf = ({ runs }: NumberedJob) => runs;

/** The busiest first, each in a line. */
function grouped<Key extends string>(groups: Map<Key, ReturnType<typeof runsOf>>, what: string): types.KnownBlock[] {
  const all = [...groups].map(([name, runs]) => ({ name, figures: figuresOf(runs) }));
  const sorted = all.toSorted(
    (a, b) =>
      b.figures.merged - a.figures.merged || b.figures.opened - a.figures.opened || a.name.localeCompare(b.name),
  );
  return [
    ...bullets(
      sorted
        .slice(0, MAX_LINES)
        .map(({ name, figures }) => [
          literal(name, { bold: true }),
          literal(`: ${counts(figures)}; ${eachWords(figures)}`),
        ]),
    ),
    ...(sorted.length > MAX_LINES
      ? [context(`and ${plural(sorted.length - MAX_LINES, `more ${what}`, `more ${what}s`)}, in the CSV`)]
      : []),
  ];
}

function monthMenu(now: Date, month: string): types.StaticSelect {
  const newest = now.toISOString().slice(0, 7);
  const offered = Array.from({ length: MONTHS_OFFERED }, (_, i) => monthBeside(newest, -i));
  const options = [...new Set([...offered, month])].map((one) => optionOf(one, monthName(one)));
  return {
    type: "static_select",
    action_id: NUMBERS_ACTIONS.month,
    options,
    initial_option: options.find(({ value }) => value === month)!,
  };
}

export const numbersModal = (blocks: types.KnownBlock[]): types.ModalView => ({
  type: "modal",
  callback_id: NUMBERS_MODAL,
  title: plain("Numbers", LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  blocks: withinView(blocks),
});

/** What a month's jobs came to, for one person: what they may not read is not counted. */
export function numbersView(numbers: Numbers, now: Date): types.ModalView {
  const { month, jobs, cut, months } = numbers;
  const own = jobs.filter(({ job }) => monthOf(job) === month);
  const runs = own.flatMap(runsOf);
  const figures = figuresOf(runs);
  const usd = usdPerMerged(figures);
  const byPrompt = new Map(
    [...Map.groupBy(own, ({ label }) => label)].map(([label, all]) => [label, all.flatMap(runsOf)] as const),
  );
  const hasUntimed = figures.merged > 0 && figures.hours === undefined;
  return numbersModal([
    ...actions([
      monthMenu(now, month),
      ...(own.length > 0 ? [button("Download as CSV", NUMBERS_ACTIONS.download, month)] : []),
    ]),
    context("Pull requests of the jobs that were started in this month (UTC), as they stand now."),
    ...facts([
      ["Opened", `${figures.opened}`],
      ["Merged", `${figures.merged}`],
      ["Merged unchanged", `${figures.unchanged}`],
      ["Closed", `${figures.closed}`],
      ["Spent in all", money(figures.spentUsd, figures)],
      ["For each merged one", usd === undefined ? "none merged yet" : money(usd, figures)],
      ["From opening to merge", figures.hours === undefined ? "not known" : `${hoursWords(figures.hours)} (median)`],
      ["Jobs", `${own.length}`],
    ]),
    ...(hasUntimed ? [context("Times are known of pull requests that were opened with this release or later.")] : []),
    ...(cut
      ? [context(`There are more jobs than can be counted at once: these figures begin with ${months[0]}.`)]
      : []),
    ...chart(numbers),
    ...(own.length > 0
      ? [
          header("By repository"),
          ...grouped(
            Map.groupBy(runs, ({ repository }) => repository),
            "repository",
          ),
          header("By prompt"),
          ...grouped(byPrompt, "prompt"),
        ]
      : []),
  ]);
}
