import Anthropic from "@anthropic-ai/sdk";
import { systemClock } from "../../packages/clock/clock.ts";
import { readConfig, secretsOf } from "../../packages/config/read.ts";
import { secretPartsOf } from "../../packages/config/registries.ts";
import { cloneUrlOf } from "../../packages/github/git-access.ts";
import { type ProbeOptions, probeSandbox } from "../../packages/sandbox/probe.ts";
import { findToolchains } from "../../packages/sandbox/toolchains/find.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { drawPage } from "../../packages/transcript/draw-page.ts";
import { footprint } from "../../packages/work/footprint.ts";
import { operatingSystem } from "../../packages/work/machine.ts";
import { createSeal } from "../../packages/work/seal.ts";
import { work } from "../../packages/work/work.ts";
import { workTrees } from "../../packages/work/work-tree.ts";
import { createStores } from "./clients.ts";
import { refOf } from "./config.ts";
import { createLog } from "./log.ts";
import { repositoryAccess } from "./repository-access.ts";

/** Work as the variables of this process name it. `sandboxOptions`: tests narrow what the sandbox may be. */
export async function startWork(stop: AbortSignal, sandboxOptions: Partial<ProbeOptions> = {}): Promise<void> {
  const config = readConfig("work", process.env);
  const ref = refOf(config);
  const access = await repositoryAccess(ref, {
    token: config.GITHUB_READ_TOKEN,
    tokenFunction: config.CODY_TOKEN_FUNCTION,
  });
  const credentials = config.CODY_REGISTRY_CREDENTIALS;
  const secrets = [access.token, ...secretsOf("work", process.env), ...secretPartsOf(credentials)].filter(Boolean);
  const redactor = createRedactor(secrets);
  const log = createLog({ ...ref, task: "work" }, redactor.redactOwn);
  log("started");
  const sandbox = probeSandbox({
    unsafe: config.CODY_UNSAFE_COMMANDS,
    toolchains: findToolchains(process.env, config.CODY_PATH),
    folder: config.CODY_WORK_DIR,
    privateHosts: config.CODY_PRIVATE_HOSTS,
    registries: { own: config.CODY_REGISTRIES, credentials, log: (request) => log("registry", request) },
    ...sandboxOptions,
  });
  sandbox.then(
    ({ mode, note }) => log("sandbox", { mode, note }),
    () => {}, // What waits for it says so.
  );
  const claude = new Anthropic({ apiKey: config.ANTHROPIC_API_KEY, baseURL: config.ANTHROPIC_BASE_URL });
  const { pauses, ...stores } = createStores(config);
  try {
    await work(
      ref,
      {
        ...stores,
        messages: claude.messages,
        pauseOf: (model) => pauses({ url: claude.baseURL, apiKey: config.ANTHROPIC_API_KEY, model }),
        openTree: workTrees({
          remote: { url: cloneUrlOf(config.GITHUB_SERVER_URL, ref.repository), token: access.token },
          folder: config.CODY_WORK_DIR,
          sandbox,
          redactor,
          commandTimeoutMs: config.CODY_COMMAND_SECONDS * 1_000,
        }),
        // Most rounds never ask it.
        openGitHub: async () => {
          const { createGitHub } = await import("../../packages/github/client.ts");
          return createGitHub({ token: access.token, apiUrl: config.GITHUB_API_URL, log });
        },
        sandbox,
        setupNetwork: config.CODY_SETUP_NETWORK,
        redactor,
        seal: createSeal(config.ANTHROPIC_API_KEY),
        secrets,
        refused: access.refused,
        effort: config.CODY_EFFORT,
        machine: { os: operatingSystem() },
        limits: { maxTurns: config.CODY_MAX_TURNS, maxSeconds: config.CODY_MAX_MINUTES * 60 },
        drawPage,
        clock: systemClock,
        log,
      },
      stop,
    );
  } finally {
    // What it started must not outlive this process.
    await sandbox;
  }
  log("ended", footprint());
}
