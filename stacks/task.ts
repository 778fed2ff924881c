import { type Made, pascalCase } from "../packages/config/deployed.ts";
import type { TaskZone } from "../packages/config/zones.ts";
import { CONTAINER } from "../packages/pipeline/machine.ts";
import { environmentOf } from "./environment.ts";
import { bucket, table } from "./storage.ts";

const { partition } = aws.getPartitionOutput();
const region = aws.getRegionOutput().region;
const account = aws.getCallerIdentityOutput().accountId;

/** The log group of a task. */
export function logsOf(command: TaskZone) {
  return `/${$app.name}/${$app.stage}/${command}`;
}

type Task = Pick<sst.aws.TaskArgs, "cluster" | "cpu" | "memory"> & {
  image: NonNullable<sst.aws.TaskArgs["image"]>;
  command: TaskZone;
  /** What the stack has made for it, besides table and bucket. */
  made: Partial<Record<Made, $util.Input<string> | undefined>>;
  permissions: aws.types.input.iam.GetPolicyDocumentStatementArgs[];
  /** Beyond what Docker gives; Fargate knows this one only. */
  capabilities?: ["SYS_PTRACE"];
};

/** One zone of trust: its own command, roles and secrets. */
export function task(name: string, { command, made, permissions, capabilities, image, ...machine }: Task) {
  const logs = logsOf(command);
  const { plain, secrets } = environmentOf(command, {
    CODY_TABLE: table.name,
    CODY_BUCKET: bucket.name,
    CODY_WORK_DIR: "/work",
    ...made,
  });
  const ssm = Object.fromEntries(
    Object.entries(secrets).map(([variable, value]) => [variable, parameter(name, variable, value)]),
  );
  return new sst.aws.Task(name, {
    ...machine,
    architecture: "arm64",
    storage: "30 GB",
    containers: [
      {
        name: CONTAINER,
        image,
        command: [`/cody/${command}.mjs`],
        environment: { AWS_REGION: region, ...plain },
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
  return new aws.ssm.Parameter(`${task}${pascalCase(variable)}`, {
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
    /** With a GitHub App and no signing key Publish has none, and AWS takes no statement without a resource. */
    ...(parameters.length > 0 ? [{ actions: ["ssm:GetParameters"], resources: parameters }] : []),
  ];
}

function inline(statements: aws.types.input.iam.GetPolicyDocumentStatementArgs[]) {
  return { name: "inline", policy: aws.iam.getPolicyDocumentOutput({ statements }).json };
}

/** Less than the component gives: no terminal, no ports, no capability that neither git nor the sandbox needs. */
function hardened(json: string, add?: string[]) {
  const [container] = JSON.parse(json) as Record<string, object>[];
  const { pseudoTerminal: _, portMappings: __, ...rest } = container!;
  const drop = ["AUDIT_WRITE", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SYS_CHROOT"];
  return JSON.stringify([
    { ...rest, stopTimeout: 60, linuxParameters: { initProcessEnabled: true, capabilities: { add, drop } } },
  ]);
}
