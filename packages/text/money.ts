const UNKNOWN = "no known price";

/** US dollars in whole cents, as a limit or a bill has them. null: the model has no known price. */
export function dollars(usd: number | null): string {
  if (usd === null) return UNKNOWN;
  if (usd > 0 && usd < 0.01) return "under $0.01";
  return `$${usd.toFixed(2)}`;
}

/** With two telling digits also where it is little: a turn may cost a hundredth of a cent. */
export function exactDollars(usd: number | null): string {
  if (usd === null || usd === 0 || usd >= 0.1) return dollars(usd);
  return usd < 0.0001 ? "under $0.0001" : `$${usd.toFixed(4)}`;
}

/** A price that is an estimate. */
export const aboutDollars = (usd: number | null, words = dollars) =>
  usd !== null && usd > 0 && words(usd).startsWith("$") ? `about ${words(usd)}` : words(usd);
