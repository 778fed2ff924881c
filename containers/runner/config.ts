import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { JobId, RepositoryName } from "../../packages/jobs/ids.ts";
import { parsePrivateHosts } from "../../packages/sandbox/proxy/destinations.ts";

const Url = z.url({ protocol: /^https?$/ });

/** Which repo run, as the state machine's container overrides name it. */
const Task = z.object({
  CODY_JOB: JobId,
  CODY_ROUND: z.coerce.number().int().positive(),
  CODY_REPOSITORY: RepositoryName,
  CODY_TABLE: z.string().min(1),
  CODY_BUCKET: z.string().min(1),
  /** Scratch space of this task; emptied first. */
  CODY_WORK_DIR: z.string().min(1).default(join(tmpdir(), "cody")),
  GITHUB_API_URL: Url.default("https://api.github.com"),
  GITHUB_SERVER_URL: Url.default("https://github.com"),
  /** Serves as both tokens. */
  GITHUB_TOKEN: z.string().min(1).optional(),
  /** With a GitHub App, in place of a token: the Lambda function that lends this task one for its repository. */
  CODY_TOKEN_FUNCTION: z.string().min(1).optional(),
});

const Flag = z
  .enum(["", "0", "1"])
  .default("")
  .transform((value) => value === "1");

function privateHosts(text: string, context: z.RefinementCtx<string>) {
  try {
    return parsePrivateHosts(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
}

const WorkEnvironment = Task.extend({
  ANTHROPIC_API_KEY: z.string().min(1),
  ANTHROPIC_BASE_URL: Url.optional(),
  GITHUB_READ_TOKEN: z.string().min(1).optional(),
  CODY_UNSAFE_COMMANDS: Flag,
  /** Hosts of the deployment's own network that the setup command may reach, as host or host:port. */
  CODY_PRIVATE_HOSTS: z.string().default("").transform(privateHosts),
  CODY_MAX_TURNS: z.coerce.number().int().positive().default(250),
  /** Of the setup and of the verify command. */
  CODY_COMMAND_SECONDS: z.coerce
    .number()
    .positive()
    .default(15 * 60),
  CODY_MAX_MINUTES: z.coerce.number().positive().default(90),
});

const PublishEnvironment = Task.extend({
  GITHUB_WRITE_TOKEN: z.string().min(1).optional(),
  /** An SSH private key in OpenSSH format; commits are signed with it. */
  CODY_SIGNING_KEY: z.string().min(1).optional(),
});

/** Throws one error that names every variable that is missing or wrong, never a value. */
export function readWorkConfig(env: NodeJS.ProcessEnv) {
  const values = read(WorkEnvironment, env);
  return {
    ...taskOf(values),
    ...values,
    ...tokenOf("GITHUB_READ_TOKEN", values.GITHUB_READ_TOKEN ?? values.GITHUB_TOKEN, values.CODY_TOKEN_FUNCTION),
  };
}

export function readPublishConfig(env: NodeJS.ProcessEnv) {
  const values = read(PublishEnvironment, env);
  return {
    ...taskOf(values),
    ...values,
    ...tokenOf("GITHUB_WRITE_TOKEN", values.GITHUB_WRITE_TOKEN ?? values.GITHUB_TOKEN, values.CODY_TOKEN_FUNCTION),
  };
}

const taskOf = (values: z.infer<typeof Task>) => ({
  ref: { jobId: values.CODY_JOB, round: values.CODY_ROUND, repository: values.CODY_REPOSITORY },
  cloneUrl: `${values.GITHUB_SERVER_URL.replace(/\/$/, "")}/${values.CODY_REPOSITORY}.git`,
});

function read<Schema extends z.ZodType>(schema: Schema, env: NodeJS.ProcessEnv): z.infer<Schema> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
  throw new Error(`The runner's environment is not right: ${problems.join("; ")}`);
}

/** A token, or the function that lends one. */
export type Source = { token: string } | { tokenFunction: string };

function tokenOf(name: string, token: string | undefined, tokenFunction: string | undefined): { source: Source } {
  if (tokenFunction) return { source: { tokenFunction } };
  if (!token) throw new Error(`The runner's environment is not right: ${name} (or GITHUB_TOKEN) is missing`);
  return { source: { token } };
}
