import { z } from "zod";
import { MAX_ATTACHMENTS } from "../../jobs/attachment.ts";
import { DELIVERIES } from "../../jobs/deliveries.ts";
import { UserError } from "../../jobs/errors.ts";
import { CostLimitUsd, Delivery, Effort, MAX_REPOSITORIES, Prompt } from "../../jobs/job.ts";
import { readFlags } from "../flags.ts";
import { withoutOptions } from "../typed-as.ts";
import { chosenJob } from "./gallery-job.ts";

/** `typed`: how this person types it. */
export const usage = (typed: string) => `${withoutOptions(typed)}
  One job from the command to the pull request, on three sample repositories or your own. With these options:
  --repo FOLDER_OR_URL_OR_NAME       up to ${MAX_REPOSITORIES} times; a folder or URL is cloned, the original is never touched
  --prompt "..."                     what to do in each repository
  --job NAME                         a job of the gallery in place of a prompt; --job list shows them
  --fill "PLACE=WORDS"               fills in a place of it, once for each
  --attach FILE                      up to ${MAX_ATTACHMENTS} times: an image or a text file for the model
  --setup "npm ci"                   runs before the first turn, with network
  --check "npm test"                 judges the change, without network; without it pull requests are drafts
  --model NAME                       default: CODY_MODEL or claude-sonnet-5-5
  --cost-limit 5                     US dollars for the whole job
  --allow-ci                         it may change CI and what else runs by itself, as a draft
  --ask-first | --draft-pull-requests | --patches-only
                                     instead of opening pull requests at once
  --real                             use the keys in Cody's .env: real services, which may cost money
  --keep                             leave the stack's folder behind and print where it is
Example: ${typed} --repo . --prompt "Raise log4j-core to at least 2.17.1" --check "npm test"
The others: ${typed === "cody" ? "cody start keeps everything up for a browser, cody doctor" : "npm start keeps everything up for a browser, npm run doctor"} checks what is configured.`;

export const SAMPLE_PROMPT =
  "Raise log4j-core to at least version 2.17.1, and the npm package minimist to at least version 1.2.8.";

/** Every sample has tests that need nothing but Node. */
export const SAMPLE_CHECK = "node --test";

const DemoOptions = z.object({
  repo: z
    .array(z.string().min(1, "Name a folder, a URL or owner/name."))
    .max(MAX_REPOSITORIES, `Name at most ${MAX_REPOSITORIES} repositories.`)
    .default([]),
  prompt: Prompt.default(SAMPLE_PROMPT),
  attach: z
    .array(z.string().min(1, "Name a file."))
    .max(MAX_ATTACHMENTS, `Attach at most ${MAX_ATTACHMENTS} files.`)
    .optional(),
  setup: z.string().optional(),
  check: z.string().optional(),
  model: z.string().optional(),
  costLimit: z.preprocess(Number, CostLimitUsd).optional(),
  delivery: Delivery,
  allowCi: z.boolean().optional(),
  effort: Effort.optional(),
  keep: z.boolean().default(false),
});
export type DemoOptions = z.infer<typeof DemoOptions>;

/** Throws UserError with every problem. */
export function parseDemoOptions(args: string[], typed = "cody"): DemoOptions | "help" | "jobs" {
  const seeHelp = `${typed} --help lists what there is.`;
  const values = readFlags(args, FLAGS, seeHelp);
  if (values.help) return "help";
  if (values.job === "list") return "jobs";
  const job = chosenJob(values);
  const prompt = job?.prompt ?? values.prompt;
  const parsed = DemoOptions.safeParse({
    ...values,
    prompt,
    check: values.check ?? values.verify ?? job?.options.verifyCommand ?? (values.repo ? undefined : SAMPLE_CHECK),
    costLimit: values["cost-limit"] ?? values.cap,
    allowCi: values["allow-ci"] ?? job?.options.mayChangeCi,
    effort: job?.options.effort,
    delivery: deliveryOf(values) ?? job?.options.delivery ?? "open-pr",
  });
  if (parsed.success) {
    if (parsed.data.repo.length > 0 && prompt === undefined)
      throw new UserError('Say what to do with --prompt "...", or with --job NAME; --job list shows the gallery.');
    return parsed.data;
  }
  const problems = parsed.error.issues.map(({ path: [option], message }) => `--${flagOf(String(option))}: ${message}`);
  throw new UserError([...problems, seeHelp].join("\n"));
}

/** costLimit > cost-limit */
const flagOf = (option: string) => option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const DELIVERY_FLAGS = {
  "ask-first": { type: "boolean" },
  "draft-pull-requests": { type: "boolean" },
  "patches-only": { type: "boolean" },
} as const;

const FLAGS = {
  repo: { type: "string", multiple: true },
  prompt: { type: "string" },
  job: { type: "string" },
  fill: { type: "string", multiple: true },
  attach: { type: "string", multiple: true },
  setup: { type: "string" },
  check: { type: "string" },
  /** The check under its older name. */
  verify: { type: "string" },
  /** The cost limit under its older name. */
  cap: { type: "string" },
  model: { type: "string" },
  "cost-limit": { type: "string" },
  ...DELIVERY_FLAGS,
  /** Deliveries under their older names. */
  review: { type: "boolean" },
  "patch-only": { type: "boolean" },
  draft: { type: "boolean" },
  "allow-ci": { type: "boolean" },
  /** Heard before, when .env is read. */
  real: { type: "boolean" },
  keep: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** A delivery by its name, and by the names that it had. */
const CALLED: Record<string, Delivery> = {
  ...Object.fromEntries(
    Delivery.options.flatMap((delivery) => {
      const { flag } = DELIVERIES[delivery];
      return flag === undefined ? [] : [[flag, delivery]];
    }),
  ),
  review: "review-first",
  "patch-only": "patch-only",
  draft: "draft-pr",
};

function deliveryOf(flags: Record<string, unknown>): Delivery | undefined {
  const chosen = new Set(Object.keys(CALLED).flatMap((flag) => (flags[flag] === true ? [CALLED[flag]!] : [])));
  if (chosen.size > 1) throw new UserError("Choose one of --ask-first, --draft-pull-requests and --patches-only.");
  const [delivery] = chosen;
  return delivery;
}
