import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { costOf } from "../../packages/agent/pricing.ts";
import { sendTo } from "../../packages/sandbox/processes.ts";
import { createSerial } from "../../packages/stand-ins/aws/serial.ts";
import { startClaude } from "../../packages/stand-ins/claude/start-claude.ts";
import { sixFreePorts } from "../free-ports.ts";
import { type ExpectedReply, violations } from "./checks.ts";
import type { Evidence } from "./evidence.ts";
import { followUp, type Step } from "./follow-up.ts";
import { randomOf } from "./random.ts";
import { leaksIn, leftIn, ownSecrets, processesOf } from "./remains.ts";
import type { Planned, Reply, Schedule } from "./schedule.ts";
import { type StackProcess, startStackProcess } from "./stack-process.ts";

/** Without the sweeper's five minutes; a shared machine may be slow. */
const REST_MS = 180_000;
const GONE_MS = 15_000;
/** The app acks an event before it acts on it. */
const HEARD_MS = 3_000;
/** Tries of an errand, a second apart: a start takes long where others keep the machine busy. */
const MAX_TRIES = 180;
/** Where a secret belongs: the keys of the stand-ins, the forge's tokens and repositories. */
const KNOWN_PLACES = /\/state\/(?:keys\.json|forge\/(?:forge\.json|repos\/))/;

export type Outcome = { broken: string[]; folder: string; facts: string };

/** Plays one schedule on a stack in a folder of its own, and looks at what is left. The folder stays when it broke something. */
export async function playRound(schedule: Schedule): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "cody-chaos-"));
  const at = (name: string) => join(folder, name);
  for (const name of ["state", "tmp", "home"]) mkdirSync(at(name), { mode: 0o700 });
  const planted = `ghp_${randomBytes(27).toString("base64").replace(/[+/]/g, "x")}`;
  // The model lives here: what it served is known whatever is killed.
  const claude = await startClaude({ log: () => {}, delayMs: schedule.thinkMs });
  const env = {
    PATH: process.env.PATH,
    HOME: at("home"),
    TMPDIR: at("tmp"),
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    ANTHROPIC_API_KEY: claude.apiKey,
    ANTHROPIC_BASE_URL: claude.url,
  };
  const complaints: string[] = [];
  const port = await sixFreePorts(10_000 + 6 * (schedule.seed % 1_000));
  const random = randomOf(schedule.seed ^ 0x5eed);
  let starts = 0;
  let kills = 0;

  async function start(): Promise<StackProcess> {
    starts += 1;
    const stack = await startStackProcess({
      folder: at("state"),
      port,
      share: schedule.disturbedShare,
      twiceShare: schedule.twiceShare,
      seed: schedule.seed * 1_000 + starts,
      planted,
      env,
    });
    void stack.ended.then(({ byItself, code, signal, output }) => {
      if (byItself) complaints.push(`the stack ended by itself (${code ?? signal}): ${output}`);
    });
    return stack;
  }

  let stack = await start();
  const errands: Promise<void>[] = [];
  const talks: Promise<void>[] = [];
  /** Repeated over kills, as a person would. */
  const errand = (command: string, input: unknown) =>
    errands.push(
      (async () => {
        for (let tries = 0; ; tries++) {
          try {
            await stack.ask(command, input);
            return;
          } catch (error) {
            if (tries === MAX_TRIES) complaints.push(`${command} ${JSON.stringify(input)}: ${error}`);
            if (tries === MAX_TRIES) return;
            await sleep(1_000);
          }
        }
      })(),
    );

  const oneAfterTheOther = createSerial();
  const restart = (downMs: number) =>
    oneAfterTheOther(async () => {
      kills += 1;
      await stack.kill();
      await sleep(downMs);
      stack = await start();
    });

  function killRunner(signal: "SIGKILL" | "SIGTERM") {
    const pid = random.pick(runnersIn(at("state/stack.log"), folder));
    if (pid === undefined) return;
    kills += 1;
    sendTo(pid, signal);
  }

  const asked: ExpectedReply[] = [];
  async function followUps(marker: string, replies: readonly Reply[]) {
    for (const reply of replies) {
      const step = ({ hold }: { hold: boolean }) =>
        stack.ask("step", { marker, reply, hold }).then(
          (value) => value as Step,
          () => "waiting" as const,
        );
      const came = await followUp(reply, { step, restart, killRunner });
      if (came) asked.push({ job: marker, marker: reply.marker, rounds: came === "there" ? 1 : 0 });
      else complaints.push(`no round came of ${reply.marker} in time`);
    }
  }

  async function rest() {
    const end = Date.now() + REST_MS;
    let open = (await stack.ask("unfinished")) as string[];
    while (open.length > 0 && Date.now() < end) {
      await sleep(1_000);
      open = (await stack.ask("unfinished")) as string[];
    }
    complaints.push(...open.map((line) => `not at rest after ${REST_MS / 1_000} s: ${line}`));
  }

  async function happen(event: Planned): Promise<void> {
    if (event.kind === "submit") errand("submit", event.job);
    if (event.kind === "cancel") errand("cancel", event.marker);
    if (event.kind === "claude") claude.faults.push(event.fault);
    if (event.kind === "forge")
      await stack.ask("forge", { ...event.fault, path: { source: event.fault.path.source } }).catch(() => {});
    if (event.kind === "follow-ups")
      talks.push(followUps(event.marker, event.replies).catch((error) => void complaints.push(String(error))));
    if (event.kind === "send-again") void stack.ask("sendAgain", event.count).catch(() => {});
    if (event.kind === "kill-runner") killRunner(event.signal);
    if (event.kind === "kill-stack") await restart(event.downMs);
  }

  try {
    const begun = Date.now();
    for (const event of schedule.events) {
      await sleep(Math.max(0, event.atMs - (Date.now() - begun)));
      await happen(event);
    }
    await Promise.all([...errands, ...talks]);
    claude.faults.length = 0;
    await stack.ask("calm");
    await rest();
    const restMs = Date.now() - begun;
    // What has ended must not begin anew, however late Slack says it once more.
    await stack.ask("sendAgain");
    await sleep(HEARD_MS);
    await rest();
    const evidence = (await stack.ask("evidence")) as Evidence;
    const { code, output } = await stack.stop();
    if (code !== 0) complaints.push(`the stack did not stop in peace (${code}): ${output}`);
    const goneBy = Date.now() + GONE_MS;
    while (processesOf(folder).length > 0 && Date.now() < goneBy) await sleep(200);

    const secrets = [planted, claude.apiKey, ...ownSecrets(at("state"))];
    const served = claude.requests().filter(({ served }) => served);
    const broken = violations({
      planned: schedule.events.flatMap((event) => (event.kind === "submit" ? [event.job] : [])),
      asked,
      evidence,
      remains: {
        files: leftIn([at("tmp"), at("state/runner/scratch")]),
        processes: processesOf(folder),
        leaks: [
          ...leaksIn(folder, secrets, KNOWN_PLACES),
          ...secrets.filter((secret) => evidence.messages.includes(secret)).map(() => "a message in Slack"),
          ...evidence.jobs.flatMap(({ pullRequests }) =>
            pullRequests
              .filter(({ body }) => secrets.some((secret) => body.includes(secret)))
              .map(({ repository, number }) => `${repository} #${number}`),
          ),
        ],
      },
      servedUsd: served.reduce((sum, { served: usage, body }) => sum + (costOf(body!.model, usage!) ?? 0), 0),
      complaints,
    });
    const runs = evidence.jobs.flatMap(({ record }) => record.runs);
    const rounds = evidence.jobs.flatMap(({ record }) => record.rounds);
    const facts = `${evidence.jobs.length} jobs, ${rounds.length} rounds, ${runs.length} runs, ${kills} kills, ${served.length} answers, at rest after ${(restMs / 1_000).toFixed(0)} s`;
    return { broken, folder, facts };
  } catch (error) {
    return { broken: [...complaints, String(error)], folder, facts: "not played to its end" };
  } finally {
    if (stack.isUp()) await stack.kill();
    await claude.stop();
  }
}

export const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true });

/** Runners of this round that are alive, by the lines that the stack wrote about them. */
function runnersIn(log: string, folder: string): number[] {
  if (!existsSync(log)) return [];
  const alive = new Set(processesOf(folder).map((line) => Number(line.split(" ")[0])));
  return [...readFileSync(log, "utf8").matchAll(/started as process (\d+)/g)]
    .map(([, pid]) => Number(pid))
    .filter((pid) => alive.has(pid));
}
