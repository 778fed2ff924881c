import { systemClock } from "../../packages/clock/clock.ts";
import { readConfig, secretsOf } from "../../packages/config/read.ts";
import { createGitHub } from "../../packages/github/client.ts";
import { cloneUrlOf } from "../../packages/github/git-access.ts";
import { branchTrees } from "../../packages/publish/branch-tree.ts";
import { publish } from "../../packages/publish/publish.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { footprint } from "../../packages/work/footprint.ts";
import { createStores } from "./clients.ts";
import { refOf } from "./config.ts";
import { createLog } from "./log.ts";
import { repositoryAccess } from "./repository-access.ts";
import { runTask } from "./task.ts";

await runTask(async () => {
  const config = readConfig("publish", process.env);
  const ref = refOf(config);
  const access = await repositoryAccess(ref, {
    token: config.GITHUB_WRITE_TOKEN,
    tokenFunction: config.CODY_TOKEN_FUNCTION,
  });
  const secrets = [access.token, ...secretsOf("publish", process.env)].filter(Boolean);
  const redactor = createRedactor(secrets);
  const log = createLog({ ...ref, task: "publish" }, redactor.redactOwn);
  await publish(ref, {
    ...createStores(config),
    github: createGitHub({ token: access.token, apiUrl: config.GITHUB_API_URL, log }),
    openTree: branchTrees({
      remote: { url: cloneUrlOf(config.GITHUB_SERVER_URL, ref.repository), token: access.token },
      folder: config.CODY_WORK_DIR,
      signingKey: config.CODY_SIGNING_KEY,
    }),
    redactor,
    secrets,
    clock: systemClock,
    login: access.login,
    refused: access.refused,
    log,
  });
  log("ended", footprint());
});
