/**
 * An edit of a mention comes as a mention, and so does one that Slack delivers again because our answer was late: the
 * first delivery is under way then, or was answered long ago.
 */
export const isRepeated = (event: object, { retryReason = "" }: { retryReason?: string | undefined }) =>
  "edited" in event || /timeout/.test(retryReason);

const MAX_OFFERED = 500;

/** What this process has answered lately: a delivery that came twice for any other reason. */
export function createOffered() {
  const offered = new Set<string>();
  return (mention: string): boolean => {
    if (offered.has(mention)) return false;
    if (offered.size >= MAX_OFFERED) offered.clear();
    offered.add(mention);
    return true;
  };
}
