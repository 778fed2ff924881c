import type { Job } from "../packages/jobs/job.ts";
import { clip } from "../packages/text/cut.ts";

/** As pull requests may name them. */
export const requesterNamed = (name: string | undefined, login: string | undefined): Pick<Job, "requester"> =>
  name || login ? { requester: { ...(name && { name: clip(name, 200) }), ...(login && { login }) } } : {};
