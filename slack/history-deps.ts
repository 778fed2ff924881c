import type { AuditEntry, Home } from "../packages/jobs/team.ts";
import type { HomeStore } from "../packages/views/history/home-data.ts";

export type HistoryStore = HomeStore & {
  readAudit(of: { jobId: string } | { teamId: string }, page: { limit: number }): Promise<AuditEntry[]>;
  /** People who look at the dashboard see it move: notify shows it anew to them. */
  keepHome(home: Home): Promise<void>;
};

export type HistoryArtifacts = {
  link(key: string, options: { fileName: string; seconds?: number; inline?: boolean }): Promise<string>;
  read(key: string): Promise<Uint8Array | undefined>;
  list(prefix: string): AsyncIterable<string>;
  putOnce(key: string, body: Uint8Array, contentType: string): Promise<"stored" | "exists">;
};
