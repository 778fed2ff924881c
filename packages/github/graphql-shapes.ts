import { z } from "zod";

/** A value that GitHub adds later says nothing to us, and must not hide the others. */
export const knownValue = <Value extends string>(...values: [Value, ...Value[]]) =>
  z.enum(values).or(z.literal("OTHER")).catch("OTHER");

/** An account that was deleted since is null. */
export const Account = z.object({ login: z.string() }).nullable();

/** A connection: what GitHub does not give of it is null. */
export const nodesOf = <T extends z.ZodType>(node: T) => z.object({ nodes: z.array(node.nullable()).nullable() });

export const Mergeable = knownValue("MERGEABLE", "CONFLICTING", "UNKNOWN");
export const MergeStateStatus = knownValue(
  "BEHIND",
  "BLOCKED",
  "CLEAN",
  "DIRTY",
  "DRAFT",
  "HAS_HOOKS",
  "UNKNOWN",
  "UNSTABLE",
);
