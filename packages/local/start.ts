import { join, resolve } from "node:path";
import { readConfig } from "../config/read.ts";
import { pairProblems } from "../config/rules.ts";
import { examine, reportLines } from "../doctor/examine.ts";
import { isWrong } from "../doctor/finding.ts";
import { UserError } from "../jobs/errors.ts";
import { addSamples } from "../stand-ins/forge/samples.ts";
import { createStackLog } from "./stack/log.ts";
import { whenThereIsRoom } from "./stack/room.ts";
import { type Stack, startStack } from "./stack/stack.ts";
import { onceGone, openStateFolder } from "./stack/state-folder.ts";

const FOLDER = resolve(".cody");
/** Runners that end leave nothing in a folder that is gone. */
const LAST_WORDS_MS = 5_000;

function screen({ services, env, slack, forge, claude, stocked }: Stack): string {
  const token = env.GITHUB_TOKEN && !env.GITHUB_READ_TOKEN;
  return [
    "Cody Batch is up.",
    "",
    ...services.map(
      ({ name, real, where }) => `  ${name.padEnd(15)} ${(real ? "real" : "stand-in").padEnd(9)} ${where}`,
    ),
    "",
    slack ? `Open ${slack.pageUrl()} and type /cody.` : "Type /cody in your workspace.",
    ...(slack || !forge ? [] : [`Open ${forge.pageUrl} once; then pull requests open in this browser.`]),
    ...(stocked.length > 0 ? [`Repositories to try: ${stocked.join(", ")}`] : []),
    ...(claude ? ["The scripted model raises log4j-core or a named npm package; anything else it only looks at."] : []),
    ...(token ? ["Warning: GITHUB_TOKEN reads and writes; two tokens keep the write one away from the model."] : []),
    "",
    `State: ${FOLDER} (logs: ${join(FOLDER, "stack.log")}, runner/logs/). Stop with Ctrl-C; what runs then goes on at the next start.`,
  ].join("\n");
}

// What the stack and its services write is for its owner only.
process.umask(0o077);

try {
  openStateFolder(FOLDER);
  const log = createStackLog(join(FOLDER, "stack.log"));
  const findings = await examine(process.env);
  const problems = [...pairProblems(process.env), ...reportLines(findings.filter(isWrong))];
  if (problems.length > 0) throw new UserError(`Cody cannot start like this:\n${problems.join("\n")}`);
  for (const line of reportLines(findings.filter(({ verdict }) => verdict === "warning"))) console.error(line);
  const stack = await whenThereIsRoom(
    () =>
      startStack({
        folder: FOLDER,
        env: process.env,
        log,
        port: readConfig("machine", process.env).CODY_PORT,
        stock: (forge) => addSamples(forge.admin.addRepository),
      }),
    { say: console.error },
  );
  console.log(screen(stack));
  onceGone(FOLDER, () => {
    console.error(
      `${FOLDER} was deleted or moved while Cody ran, and what it held with it. Cody stops; start it again.`,
    );
    setTimeout(() => process.exit(1), LAST_WORDS_MS);
    void stack.stop().finally(() => process.exit(1));
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      console.log("Stopping.");
      stack.stop().then(() => process.exit(0));
    });
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
