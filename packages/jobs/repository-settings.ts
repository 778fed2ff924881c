import { z } from "zod";
import { BranchName, Command } from "./given-text.ts";

/** In place of a command: there is none, and no other source is asked for one. */
export const NO_COMMAND = "none";

/** Where a setting comes from; the first that says it counts. */
export const SettingsSource = z.enum(["form", "saved", "file", "suggested"]);
export type SettingsSource = z.infer<typeof SettingsSource>;

const MAX_INSTRUCTIONS_CHARS = 4_000;
const MAX_PROTECTED_PATHS = 50;

/** How one is told apart: a name, and a version where it matters: `java`, `node@22`. */
const Toolchain = z.string().regex(/^[a-z][a-z0-9+-]{0,30}(?:@[\w.-]{1,30})?$/, "Name a toolchain as java or node@22.");

/** An image of the deployment, by the name that its list gives it. */
export const ImageName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "Name an image of this deployment.");

/** A GitHub login, or a team as `owner/team`. */
const Reviewer = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9][A-Za-z0-9-]{0,38}\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    "Name a reviewer by the GitHub login, or a team as owner/team.",
  );

const Label = z
  .string()
  .trim()
  .min(1)
  .max(50, "Keep a label under 50 characters.")
  .regex(/^[^\p{Cc},]*$/u, "A label is one line without commas.");

/** As in .gitignore: `migrations/`, `*.sql`, `db/schema.rb`; names without a slash count in every folder. */
const ProtectedPath = z
  .string()
  .trim()
  .min(1)
  .max(200, "Keep a protected path under 200 characters.")
  .regex(/^[^\p{Cc}!\\]+$/u, "Write a protected path as in .gitignore, without ! and backslashes.");

/** They only ever make the deployment's own limits lower. */
export const RunLimits = z.object({
  turns: z.number().int().positive().optional(),
  minutes: z.number().positive().optional(),
  /** For setup and check each. */
  commandMinutes: z.number().positive().optional(),
});
export type RunLimits = z.infer<typeof RunLimits>;

/** What a job does in one repository, besides its prompt. Each source says some of it. */
export const RepositorySettings = z.object({
  setup: Command.optional(),
  check: Command.optional(),
  toolchains: z.array(Toolchain).max(10).optional(),
  image: ImageName.optional(),
  limits: RunLimits.optional(),
  instructions: z
    .string()
    .trim()
    .max(MAX_INSTRUCTIONS_CHARS, `Keep instructions under ${MAX_INSTRUCTIONS_CHARS} characters.`)
    .optional(),
  reviewers: z.array(Reviewer).max(15, "Name at most 15 reviewers.").optional(),
  labels: z.array(Label).max(20, "Name at most 20 labels.").optional(),
  baseBranch: BranchName.optional(),
  protectedPaths: z
    .array(ProtectedPath)
    .max(MAX_PROTECTED_PATHS, `Protect at most ${MAX_PROTECTED_PATHS} paths.`)
    .optional(),
});
export type RepositorySettings = z.infer<typeof RepositorySettings>;

/**
 * `.cody.yml` is untrusted: everyone who can merge into the repository can write it. It says what runs in the sandbox and makes
 * rules stricter; it chooses no image, base, reviewers, rights or costs.
 */
export const FileSettings = RepositorySettings.pick({
  setup: true,
  check: true,
  toolchains: true,
  limits: true,
  instructions: true,
  protectedPaths: true,
}).strict();
export type FileSettings = z.infer<typeof FileSettings>;

/** What the build files of a repository suggest, and which of them. */
type SuggestedCommand = { command: string; from: string };
export type Suggestions = { setup?: SuggestedCommand | undefined; check?: SuggestedCommand | undefined };

const sourced = <Value extends z.ZodType>(value: Value) =>
  z.object({
    /** Absent: this source says that there is none. */
    value: value.optional(),
    source: SettingsSource,
    /** The build file that suggests it. */
    from: z.string().max(200).optional(),
  });

/** The settings of a run, as Plan resolved them; each knows where it comes from. Work and Publish read these alone. */
export const ResolvedSettings = z.object({
  setup: sourced(Command).optional(),
  check: sourced(Command).optional(),
  toolchains: sourced(z.array(Toolchain)).optional(),
  image: sourced(ImageName).optional(),
  turns: sourced(z.number()).optional(),
  minutes: sourced(z.number()).optional(),
  commandMinutes: sourced(z.number()).optional(),
  instructions: sourced(z.string()).optional(),
  reviewers: sourced(z.array(Reviewer)).optional(),
  labels: sourced(z.array(Label)).optional(),
  baseBranch: sourced(BranchName).optional(),
  protectedPaths: z.array(z.object({ path: ProtectedPath, source: SettingsSource })).optional(),
  /** For people: what of a source could not be used. */
  note: z.string().max(500).optional(),
});
export type ResolvedSettings = z.infer<typeof ResolvedSettings>;
export type SettingOrigin = { source: SettingsSource; from?: string | undefined };
export type Sourced<Value> = SettingOrigin & { value?: Value | undefined };
