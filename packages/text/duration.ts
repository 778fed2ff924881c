/** In whole seconds: "under 1 s", "42 s", "3 min 5 s", "3 min", "2 h 10 min". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds === 0) return "under 1 s";
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return both([minutes, "min"], [seconds % 60, "s"]);
  return both([Math.floor(minutes / 60), "h"], [minutes % 60, "min"]);
}

const both = (...parts: [number, string][]) =>
  parts
    .filter(([count]) => count > 0)
    .map((part) => part.join(" "))
    .join(" ");

/** With tenths below ten seconds: "0.3 s". */
export const exactDuration = (ms: number) => (ms < 9_950 ? `${(Math.max(0, ms) / 1_000).toFixed(1)} s` : duration(ms));
