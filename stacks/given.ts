/** Only what has a value: an optional setting that nobody made leaves no variable behind. */
export const given = <T>(variables: Record<string, T | undefined>) =>
  Object.fromEntries(Object.entries(variables).filter((entry): entry is [string, T] => entry[1] !== undefined));
