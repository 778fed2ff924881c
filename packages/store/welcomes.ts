import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createWrites } from "./writes.ts";

type Of = { teamId: string; userId: string };

/** Row `TEAM#id / WELCOME#user`: a person has been told once what Cody is. */
export const createWelcomes = (deps: { documents: DynamoDBDocumentClient; table: string; now: () => Date }) => {
  const writes = createWrites(deps);
  return {
    /** "exists": they were told before, or another process tells them now. */
    async claimWelcome({ teamId, userId }: Of): Promise<"claimed" | "exists"> {
      const at = deps.now().toISOString();
      const row = { pk: `TEAM#${teamId}`, sk: `WELCOME#${userId}`, teamId, userId, at };
      return (await writes.putIfAbsent(row)).written ? "claimed" : "exists";
    },
  };
};
