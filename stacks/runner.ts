import { CONTAINER } from "../packages/pipeline/machine.ts";
import { lenders } from "./github.ts";
import { given } from "./given.ts";
import { network } from "./network.ts";
import { secrets, settings } from "./settings.ts";
import { bucket, jobObjects, table } from "./storage.ts";

const { partition } = aws.getPartitionOutput();
const region = aws.getRegionOutput().region;
const account = aws.getCallerIdentityOutput().accountId;

export const cluster = new sst.aws.Cluster("Runners", {
  vpc: {
    id: network.vpcId,
    securityGroups: network.securityGroups,
    containerSubnets: network.subnets,
    loadBalancerSubnets: [],
  },
});

const rows = { actions: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"], resources: [table.arn] };
/** Holds the model key and a token that can only read; runs what the model asks for, behind walls. */
export const work = task("Work", {
  command: "work",
  /**
   * Without SST's cache in the registry: a plain Docker Engine refuses to export one, and it would be kept, and paid for,
   * beside the image. The engine's own cache of layers is used all the same.
   */
  image: settings.runnerImage ?? { context: ".", dockerfile: "containers/runner/Dockerfile", cache: false },
  ...settings.runnerSize,
  permissions: [
    rows,
    /** Without a condition on the prefix: an absent object is then answered with 404, and that means a fresh round. */
    { actions: ["s3:ListBucket"], resources: [bucket.arn] },
    { actions: ["s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"], resources: [jobObjects] },
    ...mayAsk(lenders?.read),
  ],
  /** For the walls: their supervisor looks into the commands' socket calls. Commands themselves have no capability. */
  capabilities: ["SYS_PTRACE"],
  environment: {
    CODY_TOKEN_FUNCTION: lenders?.read.name,
    ANTHROPIC_BASE_URL: settings.anthropicBaseUrl,
    CODY_MAX_TURNS: settings.maxTurns,
    CODY_MAX_MINUTES: settings.maxMinutes,
    CODY_COMMAND_SECONDS: settings.commandSeconds,
  },
  secrets: { ANTHROPIC_API_KEY: secrets.anthropicApiKey, GITHUB_READ_TOKEN: secrets.githubRead },
});

/** Holds the token that can push; runs nothing of the repository. The same image, so it is built and pushed once. */
export const publish = task("Publish", {
  command: "publish",
  image: work.nodes.taskDefinition.containerDefinitions.apply((json) => JSON.parse(json)[0].image as string),
  cpu: "0.5 vCPU",
  memory: "1 GB",
  permissions: [rows, { actions: ["s3:GetObject"], resources: [jobObjects] }, ...mayAsk(lenders?.write)],
  environment: { CODY_TOKEN_FUNCTION: lenders?.write.name },
  secrets: { GITHUB_WRITE_TOKEN: secrets.githubWrite, CODY_SIGNING_KEY: secrets.signingKey },
});

/** With a GitHub App a task's token is lent by a function: its own one, and no other. */
function mayAsk(lender: sst.aws.Function | undefined) {
  return lender ? [{ actions: ["lambda:InvokeFunction"], resources: [lender.arn] }] : [];
}

/** The log group of a task. */
export function logsOf(command: "work" | "publish") {
  return `/${$app.name}/${$app.stage}/${command}`;
}

type Zone = Pick<sst.aws.TaskArgs, "image" | "cpu" | "memory"> & {
  command: "work" | "publish";
  /** Undefined ones are left out. */
  environment?: Record<string, $util.Input<string> | undefined>;
  permissions: sst.aws.FunctionPermissionArgs[];
  /** Beyond what Docker gives; Fargate knows this one only. */
  capabilities?: ["SYS_PTRACE"];
  secrets: Record<string, $util.Input<string> | undefined>;
};

/** One zone of trust: its own command, roles and secrets. */
function task(name: string, { command, environment = {}, permissions, capabilities, secrets, ...machine }: Zone) {
  const logs = logsOf(command);
  const ssm = Object.fromEntries(
    Object.entries(given(secrets)).map(([variable, value]) => [variable, parameter(name, variable, value)]),
  );
  return new sst.aws.Task(name, {
    cluster,
    architecture: "arm64",
    cpu: machine.cpu,
    memory: machine.memory,
    storage: "30 GB",
    containers: [
      {
        name: CONTAINER,
        image: machine.image,
        command: [`/cody/${command}.mjs`],
        environment: given({
          AWS_REGION: region,
          CODY_TABLE: table.name,
          CODY_BUCKET: bucket.name,
          CODY_WORK_DIR: "/work",
          GITHUB_API_URL: settings.githubApiUrl,
          GITHUB_SERVER_URL: settings.githubServerUrl,
          ...environment,
        }),
        ssm,
        logging: { name: logs, retention: "1 month" },
      },
    ],
    transform: {
      /** Instead of the component's own: no shell into a running task (ssmmessages), no other secret of the account. */
      taskRole: (role) => {
        role.inlinePolicies = [inline(permissions)];
      },
      executionRole: (role) => {
        role.managedPolicyArns = [];
        role.inlinePolicies = [inline(starting(logs, Object.values(ssm)))];
      },
      taskDefinition: (definition) => {
        definition.containerDefinitions = $util
          .output(definition.containerDefinitions)
          .apply((json) => hardened(json, capabilities));
      },
    },
  });
}

/** By Parameter Store: a secret that is linked to a task would stand in its definition in plain text. */
function parameter(task: string, variable: string, value: $util.Input<string>) {
  const name = variable.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return new aws.ssm.Parameter(`${task}${name}`, {
    name: `/${$app.name}/${$app.stage}/${task}/${variable}`,
    type: "SecureString",
    value,
  }).arn;
}

/** What Fargate itself needs before the container runs. */
function starting(logs: string, parameters: $util.Input<string>[]) {
  return [
    /** ECR gives out its registry password for the whole account only: the API takes no resource. */
    { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    {
      /** Any repository of this account: CODY_RUNNER_IMAGE may live beside SST's own. */
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
      resources: [$interpolate`arn:${partition}:ecr:${region}:${account}:repository/*`],
    },
    {
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [$interpolate`arn:${partition}:logs:${region}:${account}:log-group:${logs}:*`],
    },
    { actions: ["ssm:GetParameters"], resources: parameters },
  ];
}

function inline(statements: aws.types.input.iam.GetPolicyDocumentStatementArgs[]) {
  return { name: "inline", policy: aws.iam.getPolicyDocumentOutput({ statements }).json };
}

/** Less than the component gives: no terminal, no ports, no capability that neither git nor the walls need. */
function hardened(json: string, add: string[] = []) {
  const [container] = JSON.parse(json) as Record<string, object>[];
  const { pseudoTerminal: _, portMappings: __, ...rest } = container!;
  const drop = ["AUDIT_WRITE", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SYS_CHROOT"];
  return JSON.stringify([
    { ...rest, stopTimeout: 60, linuxParameters: { initProcessEnabled: true, capabilities: { add, drop } } },
  ]);
}
