import type { Delivery } from "../../packages/jobs/job.ts";
import { type ClaudeFault, overloaded, rateLimited } from "../../packages/stand-ins/claude/faults.ts";
import type { ForgeFault } from "../../packages/stand-ins/forge/faults.ts";
import { type Random, randomOf } from "./random.ts";

/** One job of a round. `marker` stands in its prompt, so that it is found again after a kill. */
export type PlannedJob = {
  marker: string;
  prompt: string;
  repositories: string[];
  delivery: Delivery;
  verify?: string;
};

/** What a person writes in the thread of a job that rests. `marker` stands in it, and so in its round's prompt. */
export type Reply = {
  marker: string;
  text: string;
  /** Or the place of one repository on the card, from 1. */
  about: "all" | number;
  /** What waits for an approval is approved, and published, before the reply. */
  approveFirst: boolean;
  /** As soon as the rows rest; else once each round so far has its closing reply. */
  isEager: boolean;
  trouble:
    | { kind: "none" }
    | { kind: "kill-before"; downMs: number }
    | { kind: "kill-after" | "kill-amid"; afterMs: number; downMs: number }
    | { kind: "kill-runner"; afterMs: number; signal: "SIGKILL" | "SIGTERM" };
};

export type Planned =
  | { kind: "submit"; job: PlannedJob }
  | { kind: "cancel"; marker: string }
  | { kind: "kill-stack"; downMs: number }
  | { kind: "kill-runner"; signal: "SIGKILL" | "SIGTERM" }
  | { kind: "follow-ups"; marker: string; replies: Reply[] }
  | { kind: "send-again"; count: number }
  | { kind: "claude"; fault: ClaudeFault }
  | { kind: "forge"; fault: ForgeFault };

export type Schedule = {
  seed: number;
  /** How long the model thinks before each answer. */
  thinkMs: number;
  /** The share of requests to a stand-in that are disturbed on their way. */
  disturbedShare: number;
  /** The share of what people do in Slack that is delivered twice at the same time. */
  twiceShare: number;
  /** In the order of their times, milliseconds after the stack is up. */
  events: (Planned & { atMs: number })[];
};

export const REPOSITORIES = ["acme/orders", "acme/gateway", "acme/ledger"];
/** A token that stands in each repository; the check prints it. */
export const PLANTED_FILE = "fixtures/token.txt";

const RAISE = "Raise log4j-core to at least version 2.17.1, and the npm package minimist to at least version 1.2.8.";
/** Jobs come and things break within this time; what is under way then ends in peace. */
const STORM_MS = 30_000;

/** What happens in one round, by its seed alone. Pure. */
export function scheduleOf(seed: number): Schedule {
  const random = randomOf(seed);
  const jobs = Array.from({ length: random.whole(1, 3) }, (_, i) => jobOf(random, `chaos-${seed}-${i + 1}`));
  const at = (from = 0) => random.whole(from, STORM_MS);
  const events: (Planned & { atMs: number })[] = jobs.flatMap((job) => {
    const submitted = random.whole(0, STORM_MS / 3);
    const cancel = { kind: "cancel" as const, marker: job.marker, atMs: at(submitted + 1_000) };
    return [{ kind: "submit" as const, job, atMs: submitted }, ...(random.happens(0.15) ? [cancel] : [])];
  });
  const times = (most: number, plan: () => Planned) => {
    for (let left = random.whole(0, most); left > 0; left--) events.push({ ...plan(), atMs: at(1_000) });
  };
  times(3, () => ({ kind: "kill-stack", downMs: random.whole(0, 3_000) }));
  times(2, () => ({ kind: "kill-runner", signal: random.pick(["SIGKILL", "SIGKILL", "SIGTERM"]) }));
  times(3, () => ({ kind: "claude", fault: random.pick(CLAUDE_FAULTS) }));
  times(3, () => ({ kind: "forge", fault: random.pick(FORGE_FAULTS) }));
  const [thinkMs, disturbedShare] = [random.pick([50, 200, 600]), random.pick([0, 0.01, 0.03])];
  // Drawn apart, so that what a seed played before these were thought of stays what it was.
  const later = randomOf(seed ^ 0x0f0110);
  for (const job of jobs) {
    const replies = Array.from({ length: later.pick([0, 1, 1, 2]) }, (_, i) => replyTo(later, job, i));
    if (replies.length > 0) events.push({ kind: "follow-ups", marker: job.marker, replies, atMs: 0 });
  }
  for (let left = later.whole(0, 3); left > 0; left--)
    events.push({ kind: "send-again", count: later.whole(1, 4), atMs: later.whole(2_000, STORM_MS) });
  const twiceShare = later.pick([0, 0.2, 0.5]);
  return { seed, thinkMs, disturbedShare, twiceShare, events: events.toSorted((a, b) => a.atMs - b.atMs) };
}

const HIGHER = ["2.20.0", "2.24.3"];

function replyTo(random: Random, { marker, repositories }: PlannedJob, index: number): Reply {
  const own = `${marker} r${index + 1}`;
  const about = random.happens(0.6) ? "all" : random.whole(1, repositories.length);
  const [afterMs, downMs] = [random.whole(0, 600), random.whole(0, 2_000)];
  return {
    marker: own,
    about,
    text: `${about === "all" ? about : `repository ${about}`}: raise log4j-core to at least ${HIGHER[index]} (${own})`,
    approveFirst: random.happens(0.5),
    isEager: random.happens(0.3),
    trouble: random.pick<Reply["trouble"]>([
      { kind: "none" },
      { kind: "none" },
      { kind: "kill-before", downMs },
      { kind: "kill-after", afterMs, downMs },
      { kind: "kill-amid", afterMs: 10 * afterMs, downMs },
      { kind: "kill-runner", afterMs: 1_000 + 10 * afterMs, signal: random.pick(["SIGKILL", "SIGTERM"]) },
    ]),
  };
}

function jobOf(random: Random, marker: string): PlannedJob {
  const reads = random.happens(0.3);
  const verify = reads || random.happens(0.3) ? {} : { verify: `cat ${PLANTED_FILE} && node --test` };
  return {
    marker,
    prompt: `${reads ? `[bench turns=${random.whole(3, 8)} delay=${random.pick([50, 300])}]` : RAISE} (${marker})`,
    repositories: random.some(REPOSITORIES, random.whole(1, REPOSITORIES.length)),
    delivery: random.pick(["open-pr", "open-pr", "draft-pr", "patch-only", "review-first"]),
    ...verify,
  };
}

const CLAUDE_FAULTS: ClaudeFault[] = [
  overloaded,
  rateLimited(1),
  { kind: "status", status: 500, type: "api_error", message: "Internal server error" },
  { kind: "error-event", type: "overloaded_error", message: "Overloaded" },
  { kind: "cut" },
  { kind: "broken-json" },
  { kind: "unknown-events" },
];

const FORGE_FAULTS: ForgeFault[] = [
  { kind: "cut", path: /git-upload-pack/ },
  { kind: "lose-answer", path: /git-receive-pack/ },
  { kind: "lose-answer", method: "POST", path: /\/pulls$/ },
  { kind: "status", status: 502, path: /\/pulls/ },
  { kind: "status", status: 503, path: /\/repos\// },
  { kind: "secondary-limit", retryAfterS: 2, path: /\/repos\// },
  { kind: "empty-list", method: "GET", path: /\/pulls$/ },
];

/** One line an event, for people. */
export const scheduleLines = ({ seed, thinkMs, disturbedShare, twiceShare, events }: Schedule): string[] => [
  `seed ${seed}: the model thinks ${thinkMs} ms, ${disturbedShare * 100} % of the requests are disturbed, ${twiceShare * 100} % of what people do is delivered twice`,
  ...events.map(({ atMs, ...event }) => `  ${(atMs / 1_000).toFixed(1).padStart(5)} s  ${describe(event)}`),
];

function describe(event: Planned): string {
  switch (event.kind) {
    case "submit": {
      const { marker, repositories, delivery, prompt, verify } = event.job;
      return `submit ${marker}: ${delivery} on ${repositories.join(", ")}, ${verify ? "checked" : "unchecked"}: ${prompt.slice(0, 30)}`;
    }
    case "cancel":
      return `cancel ${event.marker}`;
    case "kill-stack":
      return `kill the stack, start it again after ${event.downMs} ms`;
    case "kill-runner":
      return `${event.signal} to a runner`;
    case "follow-ups":
      return `when ${event.marker} rests: ${event.replies.map(({ text, trouble }) => `"${text}" (${JSON.stringify(trouble)})`).join(", then ")}`;
    case "send-again":
      return `Slack sends up to ${event.count} envelopes again`;
    case "claude":
      return `Claude: ${JSON.stringify(event.fault)}`;
    case "forge":
      return `GitHub: ${event.fault.kind} for ${event.fault.method ?? "any"} ${event.fault.path}`;
  }
}
