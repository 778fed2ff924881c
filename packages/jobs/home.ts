import { z } from "zod";
import { Timestamp } from "./job.ts";

/** Row `TEAM#id / HOME#user`: the dashboard that somebody has looked at, so that it can be kept true while they look. */
export const Home = z.object({
  teamId: z.string(),
  userId: z.string(),
  /** The filter and page that it shows, as Slack keeps it beside the view. */
  state: z.string(),
  /** Slack's mark of the view that we published last: another one there means that the person has moved on. */
  hash: z.string(),
  /** Of what is shown; the same digest needs no call. */
  digest: z.string(),
  lookedAt: Timestamp,
  shownAt: Timestamp,
});
export type Home = z.infer<typeof Home>;
