import type { RaiseTarget } from "./target.ts";

export type Npm = Extract<RaiseTarget, { kind: "npm" }>;

const SECTIONS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "overrides"];

/** A plain prefix is kept; anything cleverer becomes a caret range. */
export const raised = (range: string, version: string) =>
  /^(\^|~|>=)?\s*\d+(\.\d+)*[\w.-]*$/.test(range) ? `${/^(\^|~|>=)?/.exec(range)![0]}${version}` : `^${version}`;

export function placesIn(text: string, name: string) {
  const quoted = JSON.stringify(name).replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  return SECTIONS.flatMap((section) => {
    const block = new RegExp(`"${section}"\\s*:\\s*\\{([^}]*)\\}`).exec(text);
    const entry = block && new RegExp(`${quoted}\\s*:\\s*"(?<value>[^"]*)"`, "d").exec(block[1]!);
    if (!block || !entry) return [];
    const start = block.index + block[0].length - 1 - block[1]!.length;
    return [{ section, value: entry.groups!.value!, at: start + entry.indices!.groups!.value![0] }];
  });
}
