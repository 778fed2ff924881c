type Pattern = { [key: string]: Pattern } | (string | { prefix: string })[];

/** Lambda's event filtering, as far as our patterns go: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html */
export function matches(pattern: Pattern, value: unknown): boolean {
  if (Array.isArray(pattern))
    return pattern.some((one) =>
      typeof one === "string" ? one === value : typeof value === "string" && value.startsWith(one.prefix),
    );
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(pattern).every(([key, inner]) => matches(inner, (value as Record<string, unknown>)[key]));
}
