import { join } from "node:path";
import { createChangeSet } from "../../../functions/change-set.ts";
import { createDispatch } from "../../../functions/dispatch.ts";
import { createNotify } from "../../../functions/notify.ts";
import { createScheduler } from "../../../functions/schedule.ts";
import { createSweep } from "../../../functions/sweep.ts";
import { createWatch } from "../../../functions/watch.ts";
import { createApp, socketReceiver } from "../../../slack/app.ts";
import { openSlackDeps } from "../../../slack/open-deps.ts";
import { readConfig } from "../../config/read.ts";
import type { TaskZone } from "../../config/zones.ts";
import { UserError } from "../../jobs/errors.ts";
import { lockFolder } from "../../stand-ins/aws/folder-lock.ts";
import { createCheckpoint } from "../../stand-ins/dynamodb/checkpoint.ts";
import { startEventSource } from "../../stand-ins/dynamodb/event-source.ts";
import type { Forge } from "../../stand-ins/forge/forge.ts";
import { checkDescriptors } from "./descriptors.ts";
import { checkGit } from "./git.ts";
import { startMachine } from "./machine.ts";
import { asNoRoom } from "./room.ts";
import { type ServiceOptions, startServices } from "./services.ts";
import { openStateFolder } from "./state-folder.ts";

const SWEEP_MS = 5 * 60_000;
const WATCH_MS = 60_000;
const SCHEDULE_MS = 60_000;
/** What a person has pressed: they look at the card meanwhile. */
const CHANGE_SET_MS = 10_000;

export type StackOptions = ServiceOptions & {
  /** Fills the forge before the app looks at it: the app keeps the list of repositories that it finds at its start. */
  stock?: (forge: Forge) => Promise<string[]>;
  /** Whether the stream delivers these records once more, as on AWS now and then; for tests. */
  twice?: () => boolean;
  /** What runs every minute runs only where a test calls it: a machine that is slow lets no minute pass in between. */
  byHand?: boolean;
  /** What the schedules take for now, for tests. */
  scheduleClock?: () => Date;
  /** What Node is started with in place of a task's program, for tests. */
  started?: Partial<Record<TaskZone, readonly string[]>>;
};
export type Stack = Awaited<ReturnType<typeof startStack>>;

/**
 * Everything on one machine: services, state machine, the table's stream with its two readers, the Slack app, the
 * sweepers. State is in `folder`; what a killed process left unfinished goes on.
 */
export async function startStack(options: StackOptions) {
  checkDescriptors();
  checkGit();
  openStateFolder(options.folder);
  return start(options).catch((error: unknown) => {
    throw asNoRoom(error, options.folder);
  });
}

async function start(options: StackOptions) {
  const { folder, log } = options;
  await using starting = new AsyncDisposableStack();
  starting.adopt(lockFolder(folder), (lock) => lock.release());
  const services = await startServices(options);
  starting.defer(() => services.stop());
  const stocked = (services.forge && (await options.stock?.(services.forge))) ?? [];
  const machine = await startMachine({
    folder: join(folder, "runner"),
    env: services.env,
    log,
    disturb: options.disturb,
    started: options.started,
    ...(options.port !== undefined && { port: options.port + 5 }),
  });
  starting.defer(() => machine.stop());
  const { env } = machine;

  for (const [name, invoke] of [
    ["drive", createDispatch(env)],
    ["notify", createNotify(env)],
  ] as const) {
    const checkpoint = createCheckpoint(join(folder, `stream-${name}`));
    await services.stream.read(await checkpoint.read(), 1).catch((error: Error) => {
      throw new UserError(`${error.message} (${join(folder, `stream-${name}`)})`, { cause: error });
    });
    const source = startEventSource({ stream: services.stream, checkpoint, invoke, log, twice: options.twice });
    source.ended.catch((error) => log(`stream ${name}: it is read no further: ${error}`));
    starting.defer(() => source.stop());
  }

  const config = readConfig("socket", env);
  const slackApi = config.SLACK_API_URL ? { slackApiUrl: config.SLACK_API_URL } : {};
  const app = createApp({
    receiver: socketReceiver({ appToken: config.SLACK_APP_TOKEN, log, ...slackApi }),
    botToken: config.SLACK_BOT_TOKEN,
    log,
    ...slackApi,
    deps: openSlackDeps(config, log, options.slackLimits),
  });
  await app.start();
  starting.defer(() => app.stop().then(() => {}));

  const every = (ms: number, name: string, run: () => Promise<unknown>) => {
    const runNow = () => run().catch((error: unknown) => log(`${name}: ${error}`));
    const timer = options.byHand ? undefined : setInterval(runNow, ms);
    starting.defer(() => clearInterval(timer));
    return runNow;
  };
  const runDue = createScheduler(env, options.scheduleClock);
  // What came due while this machine was off.
  await every(SCHEDULE_MS, "schedules", runDue)();
  await every(SWEEP_MS, "sweep", createSweep(env))();
  every(WATCH_MS, "watch", createWatch(env));
  every(CHANGE_SET_MS, "change-set", createChangeSet(env));

  const running = starting.move();
  return {
    ...services,
    stocked,
    env,
    runSchedules: runDue,
    services: [...services.services, { name: "Step Functions", real: false, where: machine.url }],
    stop: () => running.disposeAsync(),
  };
}
