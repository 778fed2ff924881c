import { pathToFileURL } from "node:url";
import { runtime } from "@pulumi/pulumi";
import { answerAsCli } from "./cli.ts";
import { answerTo, stateOf } from "./mocks.ts";

/**
 * A process of its own for one synthesis: Pulumi's runtime is a global of its module, and so are SST's $app and $cli.
 * Arguments: program, root, work folder, stage. Prints the app and every resource as JSON when nothing is left to run.
 */
const [program = "", root = "", work = "", stage = ""] = process.argv.slice(2);

const resources: { type: string; name: string; inputs: unknown }[] = [];
let app: Record<string, unknown> = {};

process.env.SST_SERVER = await answerAsCli();
process.once("beforeExit", () => process.stdout.write(`\n${JSON.stringify({ app, resources: plain(resources) })}`));

runtime.setMocks(
  {
    newResource: (args) => {
      resources.push({ type: args.type, name: args.name, inputs: args.inputs });
      return { id: `${args.name}-id`, state: stateOf(args) };
    },
    call: (args) => answerTo(args),
  },
  "cody-batch",
  stage,
);
await runtime.runInPulumiStack(async () => {
  Object.assign(globalThis, {
    $dev: false,
    $app: { name: "cody-batch", stage },
    $cli: { command: "deploy", dev: false, paths: { root, work, platform: work, home: work }, state: { version: {} } },
  });
  const { config, run, sst, aws } = await import(pathToFileURL(program).href);
  app = { name: "", stage, removal: "retain", protect: false, ...config.app({ stage }) };
  Object.assign(globalThis, { $app: app, sst, aws });
  await run(config.run);
});

/** Pulumi marks a secret by an envelope; here it becomes `{ secret }`, so that a test sees what is one. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value && "value" in value) return { secret: plain(value.value) };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
