import childProcess from "node:child_process";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { output, runtime } from "@pulumi/pulumi";
import { answerAsCli } from "./cli.ts";
import type { Deployment } from "./deployments.ts";
import { answerTo, stateOf } from "./mocks.ts";

/**
 * A process of its own, because Pulumi's runtime is a global of its module, and so are SST's $app and $cli. Works out
 * one deployment after the other, each with a program that is loaded anew. Arguments: program, root, work folder, the
 * deployments as JSON, where to put the app and every resource of each as JSON, and a folder with the functions' bundles.
 */
const [program = "", root = "", work = "", asked = "", answers = "", bundles = ""] = process.argv.slice(2);

/** Every deployment runs this command: what it makes is there already (test/infra/bundles.test.ts runs it itself). */
const BUNDLE = [join(root, "node_modules/.bin/node"), "stacks/bundle.ts", "functions", join(work, "bundles")];
const run = childProcess.execFileSync;
childProcess.execFileSync = ((file: string, args: string[], options: object) => {
  if (JSON.stringify([file, ...args]) !== JSON.stringify(BUNDLE)) return run(file, args, options);
  if (!existsSync(join(work, "bundles"))) symlinkSync(bundles, join(work, "bundles"));
}) as typeof childProcess.execFileSync;
syncBuiltinESMExports();

/** Pulumi notes where each of some ten thousand promises was made: two thirds of the time, for no use. */
Error.stackTraceLimit = 0;
process.env.SST_SERVER = await answerAsCli();
const environment = { ...process.env };

async function synthesise({ stage, settings }: Deployment, place: number) {
  process.env = { ...environment, ...settings };
  const resources: { type: string; name: string; inputs: unknown }[] = [];
  let app: Record<string, unknown> = {};
  let outputs: Record<string, unknown> = {};
  await runtime.setMocks(
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
      $cli: {
        command: "deploy",
        dev: false,
        paths: { root, work, platform: work, home: work },
        state: { version: {} },
      },
    });
    const { config, run, sst, aws } = await import(`${pathToFileURL(program)}?${place}`);
    app = { name: "", stage, removal: "retain", protect: false, ...config.app({ stage }) };
    Object.assign(globalThis, { $app: app, sst, aws });
    await run(async () => {
      const given = output(await config.run());
      outputs = await new Promise((resolve) => given.apply(resolve));
    });
  });
  await runtime.disconnect();
  return { app, outputs, resources: plain(resources) };
}

/** Pulumi marks a secret by an envelope; here it becomes `{ secret }`, so that a test sees what is one. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value && "value" in value) return { secret: plain(value.value) };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

for (const [place, deployment] of (JSON.parse(readFileSync(asked, "utf8")) as Deployment[]).entries())
  writeFileSync(join(answers, `${place}.json`), JSON.stringify(await synthesise(deployment, place)));
process.exit();
