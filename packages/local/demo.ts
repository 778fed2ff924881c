import { appendFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { UserError } from "../jobs/errors.ts";
import type { Forge } from "../stand-ins/forge/forge.ts";
import { listed } from "../text/lists.ts";
import { readAttachments } from "./demo/act.ts";
import { type DemoEnding, demoEndingWords } from "./demo/as-promised.ts";
import { galleryLines } from "./demo/gallery-job.ts";
import { type DemoOptions, parseDemoOptions, usage } from "./demo/options.ts";
import { prepareRepositories, whereCalled } from "./demo/repositories.ts";
import { runJob } from "./demo/run-job.ts";
import { createScreen } from "./demo/screen.ts";
import { warningsTo } from "./stack/log.ts";
import { realServices } from "./stack/services.ts";
import { startStack } from "./stack/stack.ts";
import { temporaryFolder } from "./stack/state-folder.ts";
import { onceToldToStop } from "./told-to-stop.ts";
import { typedAs, withoutOptions } from "./typed-as.ts";

// What the stack and its services write is for its owner only.
process.umask(0o077);

const screen = createScreen(process.stdout);
const typed = typedAs("demo", process.env);

async function demo(options: DemoOptions): Promise<DemoEnding> {
  // A Ctrl-C that came while all of this was loading is answered before anything starts.
  await setImmediate();
  const stopped = toldToStop(options);
  const from = whereCalled(process.env);
  const attachments = await readAttachments(options.attach ?? [], from);
  const folder = temporaryFolder("cody-demo-");
  // A job that was stopped may complain until the process ends, and would make the folder anew.
  let isOver = false;
  const log = (line: string) => {
    if (!isOver) appendFileSync(join(folder, "stack.log"), `${line}\n`);
  };
  warningsTo(log);
  const model = options.model ?? process.env.CODY_MODEL;
  const env = { ...process.env, SLACK_BOT_TOKEN: "", SLACK_APP_TOKEN: "", ...(model && { CODY_MODEL: model }) };
  const stock = (forge: Forge) => prepareRepositories(options.repo, forge, { from, say: screen.say });
  for (const line of whatIsReal(realServices(env))) screen.say(line);
  try {
    const starting = startStack({ folder, env, log, stock });
    const stack = await Promise.race([starting, stopped]).catch(async (error: unknown) => {
      // Told to stop while it starts: it stops once it is up.
      await starting.then((late) => late.stop()).catch(() => {});
      throw error;
    });
    try {
      return await Promise.race([runJob(options, stack, screen, attachments), stopped]);
    } finally {
      await stack.stop();
    }
  } finally {
    isOver = true;
    if (options.keep) screen.say(`\nThe stack's folder: ${folder}`);
    else await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function whatIsReal(real: readonly string[]): string[] {
  const isScripted = "The model is scripted: its words, its tokens and its prices are made up.";
  if (real.length === 0)
    return ["Every service here is a stand-in on this machine: no account, no cost.", isScripted, ""];
  const may = `${listed(real)} ${real.length === 1 ? "is" : "are"} real here, and may cost money.`;
  return [may, ...(real.includes("Claude") ? [] : [isScripted]), ""];
}

/** Rejects when it is told to stop, so that everything is removed. */
function toldToStop({ keep }: DemoOptions): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  onceToldToStop((signal) => reject(new Stopped(signal, keep)));
  // It may happen while nothing waits for it yet.
  promise.catch(() => {});
  return promise;
}

class Stopped extends UserError {
  override name = "Stopped";
  readonly exitCode: number;
  constructor(signal: "SIGINT" | "SIGTERM" | "SIGHUP", isKept: boolean) {
    super(isKept ? "Stopped." : "Stopped. Nothing is left behind.");
    this.exitCode = 128 + constants.signals[signal];
  }
}

const whatNext = ({ repo }: DemoOptions) =>
  repo.length > 0
    ? `Next: ${typedAs("start", process.env)} --repo PATH keeps everything running, to approve and refine in a browser.`
    : [
        `Next: ${withoutOptions(typedAs("start", process.env))} keeps the same running, to approve and refine in a browser. On a repository of your own:`,
        `      ${typed} --repo PATH --prompt "Raise log4j-core to at least 2.17.1" --check "npm test"`,
      ].join("\n");

try {
  const options = parseDemoOptions(process.argv.slice(2), typed);
  if (options === "help") screen.say(usage(typed));
  else if (options === "jobs") for (const line of galleryLines()) screen.say(line);
  else {
    const ending = await demo(options);
    screen.say(`\n${demoEndingWords(ending)}`);
    screen.say(whatNext(options));
    process.exitCode = ending.kind === "as-promised" ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
  // What the job still waits for would keep the process.
  if (error instanceof Stopped) process.exit(error.exitCode);
}
