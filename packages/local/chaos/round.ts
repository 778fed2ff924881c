import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { costOf } from "../../agent/pricing.ts";
import { startClaude } from "../claude/start-claude.ts";
import { violations } from "./checks.ts";
import type { Evidence } from "./evidence.ts";
import { randomOf } from "./random.ts";
import { leaksIn, leftIn, processesOf } from "./remains.ts";
import type { Planned, Schedule } from "./schedule.ts";
import { type StackProcess, startStackProcess } from "./stack-process.ts";

/** Without the sweeper's five minutes; a shared machine may be slow. */
const REST_MS = 180_000;
const GONE_MS = 15_000;
/** Tries of an errand, a second apart: a start takes long where others keep the machine busy. */
const PATIENCE = 180;
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
  const port = await sixFreePorts(schedule.seed);
  const random = randomOf(schedule.seed ^ 0x5eed);
  let starts = 0;
  let kills = 0;

  async function start(): Promise<StackProcess> {
    starts += 1;
    const stack = await startStackProcess({
      folder: at("state"),
      port,
      share: schedule.disturbedShare,
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
  /** Repeated over kills, as a person would. */
  const errand = (command: string, input: unknown) =>
    errands.push(
      (async () => {
        for (let tries = 0; ; tries++) {
          try {
            await stack.ask(command, input);
            return;
          } catch (error) {
            if (tries === PATIENCE) complaints.push(`${command} ${JSON.stringify(input)}: ${error}`);
            if (tries === PATIENCE) return;
            await sleep(1_000);
          }
        }
      })(),
    );

  async function happen(event: Planned): Promise<void> {
    if (event.kind === "submit") errand("submit", event.job);
    if (event.kind === "cancel") errand("cancel", event.marker);
    if (event.kind === "claude") claude.faults.push(event.fault);
    if (event.kind === "forge")
      await stack.ask("forge", { ...event.fault, path: { source: event.fault.path.source } }).catch(() => {});
    if (event.kind === "kill-runner") {
      const pid = random.pick(runnersIn(at("state/stack.log"), folder));
      if (pid === undefined) return;
      kills += 1;
      process.kill(pid, event.signal);
    }
    if (event.kind === "kill-stack") {
      kills += 1;
      await stack.kill();
      await sleep(event.downMs);
      stack = await start();
    }
  }

  try {
    const begun = Date.now();
    for (const event of schedule.events) {
      await sleep(Math.max(0, event.atMs - (Date.now() - begun)));
      await happen(event);
    }
    claude.faults.length = 0;
    await stack.ask("calm");
    await Promise.all(errands);
    const end = Date.now() + REST_MS;
    let open = (await stack.ask("unfinished")) as string[];
    while (open.length > 0 && Date.now() < end) {
      await sleep(1_000);
      open = (await stack.ask("unfinished")) as string[];
    }
    complaints.push(...open.map((line) => `not at rest after ${REST_MS / 1_000} s: ${line}`));
    const restMs = Date.now() - begun;
    const evidence = (await stack.ask("evidence")) as Evidence;
    const { code, output } = await stack.stop();
    if (code !== 0) complaints.push(`the stack did not stop in peace (${code}): ${output}`);
    const goneBy = Date.now() + GONE_MS;
    while (processesOf(folder).length > 0 && Date.now() < goneBy) await sleep(200);

    const secrets = [planted, claude.apiKey, ...ownSecrets(at("state"))];
    const served = claude.requests().filter(({ served }) => served);
    const broken = violations({
      planned: schedule.events.flatMap((event) => (event.kind === "submit" ? [event.job] : [])),
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
    const facts = `${evidence.jobs.length} jobs, ${runs.length} runs, ${kills} kills, ${served.length} answers, at rest after ${(restMs / 1_000).toFixed(0)} s`;
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

/** The secrets that the stand-ins made for themselves. */
function ownSecrets(state: string): string[] {
  const read = (name: string) => JSON.parse(readFileSync(join(state, name), "utf8"));
  const { secretAccessKey, botToken, appToken, modelKey, pageKey } = read("keys.json");
  const tokens = (read("forge/forge.json").tokens as { token: string }[]).map(({ token }) => token);
  return [secretAccessKey, botToken, appToken, modelKey, pageKey, ...tokens];
}

/** Consecutive ones below the range that the system hands out by itself. */
async function sixFreePorts(seed: number): Promise<number> {
  for (let first = 10_000 + 6 * (seed % 1_000); ; first += 6) {
    const free = await Promise.all([0, 1, 2, 3, 4, 5].map((offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
