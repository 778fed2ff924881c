/** What the same question gives is worked out once; a look that failed is forgotten. */
export function onceFor<Result>(
  known: Map<string, Promise<Result>>,
  of: readonly unknown[],
  look: () => Promise<Result>,
): Promise<Result> {
  const key = JSON.stringify(of);
  const found = known.get(key);
  if (found) return found;
  const looked = look();
  known.set(key, looked);
  looked.catch(() => known.delete(key));
  return looked;
}
