import { systemClock } from "../../packages/clock/clock.ts";
import { createGitHub } from "../../packages/github/client.ts";
import { branchTrees } from "../../packages/publish/branch-tree.ts";
import { publish } from "../../packages/publish/publish.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { footprint } from "../../packages/work/footprint.ts";
import { awsSecrets } from "./aws-secrets.ts";
import { createStores } from "./clients.ts";
import { readPublishConfig } from "./config.ts";
import { createLog } from "./log.ts";
import { repositoryAccess } from "./repository-access.ts";
import { runTask } from "./task.ts";

await runTask(async () => {
  const config = readPublishConfig(process.env);
  const access = await repositoryAccess(config.source, config.ref);
  const secrets = [access.token, config.CODY_SIGNING_KEY ?? "", ...awsSecrets(process.env)].filter(Boolean);
  const redactor = createRedactor(secrets);
  const log = createLog({ ...config.ref, task: "publish" }, redactor.redactOwn);
  await publish(config.ref, {
    ...createStores(config),
    github: createGitHub({ token: access.token, apiUrl: config.GITHUB_API_URL, log }),
    openTree: branchTrees({
      remote: { url: config.cloneUrl, token: access.token },
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
