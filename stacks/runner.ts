import { familyOf } from "../packages/config/images.ts";
import { tokenBrokers } from "./github.ts";
import { network } from "./network.ts";
import { settings } from "./settings.ts";
import { bucket, jobObjects, rows } from "./storage.ts";
import { task } from "./task.ts";

export const cluster = new sst.aws.Cluster("Runners", {
  vpc: {
    id: network.vpcId,
    securityGroups: network.securityGroups,
    containerSubnets: network.subnets,
    loadBalancerSubnets: [],
  },
});

/** Rows whose partition key begins so: no saved prompt, no audit, no dashboard. */
const rowsOf = (...prefixes: string[]) => ({
  ...rows("GetItem", "Query", "UpdateItem"),
  conditions: [
    {
      test: "ForAllValues:StringLike",
      variable: "dynamodb:LeadingKeys",
      values: prefixes.map((prefix) => `${prefix}#*`),
    },
  ],
});

/** Holds the model key and a token that can only read; runs what the model asks for, in a sandbox. */
export const workTask = task("Work", {
  cluster,
  command: "work",
  /**
   * Without SST's cache in the registry: a plain Docker Engine refuses to export one, and it would be kept, and paid
   * for, beside the image. The engine's own cache of layers is used all the same.
   */
  image: settings.runnerImage ?? {
    context: ".",
    dockerfile: "containers/runner/Dockerfile",
    cache: false,
    ...(settings.toolchains && { args: { CODY_TOOLCHAINS: settings.toolchains } }),
  },
  ...settings.runnerSize,
  permissions: [
    rowsOf("JOB", "PAUSE"),
    /** Without a condition on the prefix: an absent object is then answered with 404, and that means a fresh round. */
    { actions: ["s3:ListBucket"], resources: [bucket.arn] },
    { actions: ["s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"], resources: [jobObjects] },
    ...mayAsk(tokenBrokers?.read),
  ],
  /**
   * For the sandbox: their supervisor looks into the commands' socket calls. Commands themselves have no capability.
   */
  capabilities: ["SYS_PTRACE"],
  made: { CODY_TOKEN_FUNCTION: tokenBrokers?.read.name },
});

/**
 * Work in the other images that settings of a repository may choose: the same task in all but its image, and so with
 * the same roles, secrets and log group.
 */
export const imageTasks = Object.fromEntries(
  Object.entries(settings.images).map(([name, image]) => {
    const work = workTask.nodes.taskDefinition;
    const definition = new aws.ecs.TaskDefinition(`WorkImage-${familyOf(name)}`, {
      family: `${$app.name}-${$app.stage}-WorkImage-${familyOf(name)}`,
      containerDefinitions: work.containerDefinitions.apply((json) =>
        JSON.stringify((JSON.parse(json) as object[]).map((container) => ({ ...container, image }))),
      ),
      cpu: work.cpu.apply((cpu) => cpu!),
      memory: work.memory.apply((memory) => memory!),
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
      ephemeralStorage: { sizeInGib: 30 },
      trackLatest: true,
      taskRoleArn: workTask.nodes.taskRole.arn,
      executionRoleArn: workTask.nodes.executionRole.arn,
    });
    return [name, definition.arn] as const;
  }),
);

/** Holds the token that can push; runs nothing of the repository. The same image, so it is built and pushed once. */
export const publishTask = task("Publish", {
  cluster,
  command: "publish",
  image: workTask.nodes.taskDefinition.containerDefinitions.apply((json) => JSON.parse(json)[0].image as string),
  cpu: "0.5 vCPU",
  memory: "1 GB",
  permissions: [rowsOf("JOB"), { actions: ["s3:GetObject"], resources: [jobObjects] }, ...mayAsk(tokenBrokers?.write)],
  made: { CODY_TOKEN_FUNCTION: tokenBrokers?.write.name },
});

/** With a GitHub App a task's token is issued by a function: its own one, and no other. */
function mayAsk(broker: sst.aws.Function | undefined) {
  return broker ? [{ actions: ["lambda:InvokeFunction"], resources: [broker.arn] }] : [];
}
