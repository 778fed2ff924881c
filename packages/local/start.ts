import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { readConfig } from "../config/read.ts";
import { pairProblems } from "../config/rules.ts";
import type { Environment } from "../config/zones.ts";
import { examine, reportLines } from "../doctor/examine.ts";
import { isWrong } from "../doctor/finding.ts";
import { UserError } from "../jobs/errors.ts";
import type { Forge } from "../stand-ins/forge/forge.ts";
import { addSamples } from "../stand-ins/forge/samples.ts";
import { prepareRepositories, whereCalled } from "./demo/repositories.ts";
import { FIRST_PERSON } from "./stack/local-workspace.ts";
import { createStackLog, warningsTo } from "./stack/log.ts";
import { whenThereIsRoom } from "./stack/room.ts";
import { startStack } from "./stack/stack.ts";
import { onceGone, openStateFolder } from "./stack/state-folder.ts";
import { parseStartOptions, type StartOptions, startUsage } from "./start-options.ts";
import { startScreen } from "./start-screen.ts";
import { onceToldToStop } from "./told-to-stop.ts";
import { typedAs } from "./typed-as.ts";

const FOLDER = resolve(".cody");
/** Runners that end leave nothing in a folder that is gone. */
const LAST_WORDS_MS = 5_000;

/** In the stand-in's workspace the first person is an admin, so that settings of a repository can be tried too. */
const withAnAdmin = (env: Environment): Environment =>
  env.SLACK_BOT_TOKEN || env.CODY_ADMINS ? env : { ...env, CODY_ADMINS: FIRST_PERSON };

/** The samples, and beside them what `--repo` names. */
async function stock({ repo }: StartOptions, forge: Forge): Promise<string[]> {
  const samples = await addSamples(forge.admin.addRepository);
  const from = whereCalled(process.env);
  return repo.length === 0
    ? samples
    : [...(await prepareRepositories(repo, forge, { from, say: console.error })), ...samples];
}

// What the stack and its services write is for its owner only.
process.umask(0o077);

async function run(options: StartOptions) {
  // A Ctrl-C that came while all of this was loading is answered before anything starts.
  await setImmediate();
  openStateFolder(FOLDER);
  const log = createStackLog(join(FOLDER, "stack.log"));
  warningsTo(log);
  const findings = await examine(process.env);
  const problems = [...pairProblems(process.env), ...reportLines(findings.filter(isWrong))];
  if (problems.length > 0) throw new UserError(`Cody cannot start like this:\n${problems.join("\n")}`);
  for (const line of reportLines(findings.filter(({ verdict }) => verdict === "warning"))) console.error(line);
  const starting = whenThereIsRoom(
    () =>
      startStack({
        folder: FOLDER,
        env: withAnAdmin(process.env),
        log,
        port: options.port ?? readConfig("machine", process.env).CODY_PORT,
        stock: (forge) => stock(options, forge),
      }),
    { say: console.error },
  );
  let isTold = false;
  // Told to stop while it starts: it stops once it is up.
  onceToldToStop(() => {
    isTold = true;
    console.log("Stopping.");
    starting
      .then((started) => started.stop())
      .then(
        () => process.exit(0),
        // Why it could not start is said below.
        () => {},
      );
  });
  const stack = await starting;
  if (isTold) return;
  console.log(startScreen(stack, FOLDER));
  onceGone(FOLDER, () => {
    console.error(
      `${FOLDER} was deleted or moved while Cody ran, and what it held with it. Cody stops; start it again.`,
    );
    setTimeout(() => process.exit(1), LAST_WORDS_MS);
    void stack.stop().finally(() => process.exit(1));
  });
}

try {
  const typed = typedAs("start", process.env);
  const options = parseStartOptions(process.argv.slice(2), typed);
  if (options === "help") console.log(startUsage(typed));
  else await run(options);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
