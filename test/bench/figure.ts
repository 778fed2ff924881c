/** One measured figure and what it should be. Units: of `value` and `goal` alike. */
export type Figure = {
  name: string;
  value: number;
  goal: number;
  unit: "" | "ms" | "MB" | "bytes" | "x" | "calls" | "points" | "wrong" | "%";
  /** How it was measured, and what else was seen. */
  note: string;
};

/** A goal is met at its value: "under 1.5 s" and "at most 1.10" are both the last good value here. */
export const isMet = ({ value, goal }: Figure) => value <= goal;

/** The median of at least one value; between the middle two of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The smallest value that is not below `percent` of them: nearest rank, so p99 of 100 values is the second largest. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!;
}

export const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const shown = (value: number, unit: Figure["unit"]) => {
  const number =
    unit === "x"
      ? value.toFixed(3)
      : value < 10 && !Number.isInteger(value)
        ? value.toFixed(1)
        : `${Math.round(value)}`;
  return `${number}${unit && unit !== "x" ? ` ${unit}` : ""}`;
};

/** A line a figure, the notes below its name's column. */
export function table(figures: readonly Figure[]): string[] {
  const rows = figures.map((figure) => [
    figure.name,
    shown(figure.value, figure.unit),
    shown(figure.goal, figure.unit),
    isMet(figure) ? "met" : "NOT MET",
    figure.note,
  ]);
  const all = [["figure", "measured", "goal, at most", "", "how"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map(([name, value, goal, met, note]) =>
    [
      name!.padEnd(widths[0]!),
      value!.padStart(widths[1]!),
      goal!.padStart(widths[2]!),
      met!.padEnd(widths[3]!),
      note!,
    ].join("  "),
  );
}
