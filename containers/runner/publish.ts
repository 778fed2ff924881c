import { createGitHub } from "../../packages/github/client.ts";
import { publish } from "../../packages/publish/publish-run.ts";
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
  const log = createLog({ ...config.ref, task: "publish" }, createRedactor(secrets).redactOwn);
  await publish(config.ref, {
    ...createStores(config),
    github: createGitHub({ token: access.token, apiUrl: config.GITHUB_API_URL, log }),
    secrets,
    login: access.login,
    refused: access.refused,
    remote: { url: config.cloneUrl, token: access.token },
    folder: config.CODY_WORK_DIR,
    ...(config.CODY_SIGNING_KEY && { signingKey: config.CODY_SIGNING_KEY }),
    log,
  });
  log("ended", footprint());
});
