import { percent, plural, tokens } from "../text/counts.ts";
import { exactDollars } from "../text/money.ts";
import { type Html, html } from "./html.ts";
import { cacheShare, contextTokens, type TurnRecord } from "./turn-record.ts";

const WIDTH = 480;
const HEIGHT = 150;
const LEFT = 8;
const TOP = 22;
const BOTTOM = 18;
/** More points than that are not seen at this size. */
const MAX_POINTS = 240;

type Line = {
  label: string;
  description: string;
  top: string;
  areas: { name: string; values: number[]; legend?: string }[];
};

/** Two small pictures, cost so far and context over the turns, with the same in words for those who do not see them. */
export function charts(records: readonly TurnRecord[]): Html {
  if (records.length < 2) return html``;
  return html`<div class="charts">${costChart(records)}${contextChart(records)}</div>`;
}

function costChart(records: readonly TurnRecord[]): Html {
  let sum = 0;
  const values = records.map(({ costUsd }) => (sum += costUsd ?? 0));
  if (records.some(({ costUsd }) => costUsd === null)) return html``;
  return picture(records, {
    label: "Cost so far",
    description: `Over ${plural(records.length, "turn")} the cost grows to ${exactDollars(sum)}; half of it is reached at turn ${turnAtHalf(records, values)}.`,
    top: exactDollars(sum),
    areas: [{ name: "cost", values }],
  });
}

function contextChart(records: readonly TurnRecord[]): Html {
  const values = records.map(({ usage }) => contextTokens(usage));
  const cached = records.map(({ usage }) => usage.cacheRead);
  const most = Math.max(...values);
  const total = values.reduce((a, b) => a + b, 0);
  const share = total === 0 ? 0 : cached.reduce((a, b) => a + b, 0) / total;
  return picture(records, {
    label: "Tokens sent per turn",
    description: `Over ${plural(records.length, "turn")} at most ${tokens(most)} tokens were sent in one; ${percent(share)} of all came from the cache, in the last turn ${percent(cacheShare(records.at(-1)!.usage))}.`,
    top: `${tokens(most)}, ${percent(share)} from cache`,
    areas: [
      { name: "context", values, legend: "new" },
      { name: "cached", values: cached, legend: "from cache" },
    ],
  });
}

function picture(records: readonly TurnRecord[], { label, description, top, areas }: Line): Html {
  const most = Math.max(...areas.flatMap(({ values }) => values), Number.MIN_VALUE);
  const id = areas[0]!.name;
  const baseline = HEIGHT - BOTTOM;
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="chart-${id}-title chart-${id}-text">
<title id="chart-${id}-title">${label}</title><desc id="chart-${id}-text">${description}</desc>
<text x="${LEFT}" y="14" class="chart-label">${label}</text><text x="${WIDTH - LEFT}" y="14" text-anchor="end" class="chart-figure">${top}</text>
${areas.map(({ name, values }) => html`<path class="area ${name}" d="${areaPath(values, most, baseline)}"/>`)}
<line class="axis" x1="${LEFT}" x2="${WIDTH - LEFT}" y1="${baseline}" y2="${baseline}"/>
<text x="${LEFT}" y="${HEIGHT - 4}">turn ${records[0]!.turn}</text><text x="${WIDTH - LEFT}" y="${HEIGHT - 4}" text-anchor="end">turn ${records.at(-1)!.turn}</text>
${areas.map(
  ({ name, legend }, i) =>
    legend !== undefined &&
    html`<rect class="area ${name}" x="${WIDTH / 2 - 90 + i * 60}" y="${HEIGHT - 13}" width="9" height="9"/><text x="${WIDTH / 2 - 77 + i * 60}" y="${HEIGHT - 4}">${legend}</text>`,
)}
</svg><figcaption class="quiet">${description}</figcaption></figure>`;
}

function areaPath(values: readonly number[], most: number, baseline: number): string {
  const points = thinned(values).map(({ at, value }) => {
    const x = LEFT + (at / (values.length - 1)) * (WIDTH - 2 * LEFT);
    const y = baseline - (value / most) * (baseline - TOP);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return `M${LEFT},${baseline} L${points.join(" L")} L${WIDTH - LEFT},${baseline} Z`;
}

/** The highest of each stretch of turns, and the last one, so that no peak is lost. */
function thinned(values: readonly number[]): { at: number; value: number }[] {
  const stretch = Math.ceil(values.length / MAX_POINTS);
  const points = values.map((value, at) => ({ at, value }));
  if (stretch === 1) return points;
  const peaks = Object.values(Object.groupBy(points, ({ at }) => Math.floor(at / stretch))).map((some) =>
    some!.reduce((a, b) => (b.value > a.value ? b : a)),
  );
  return [points[0]!, ...peaks, points.at(-1)!];
}

const turnAtHalf = (records: readonly TurnRecord[], values: readonly number[]) =>
  records[values.findIndex((value) => value >= values.at(-1)! / 2)]!.turn;
