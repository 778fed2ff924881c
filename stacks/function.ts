import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Made, resourceName } from "../packages/config/deployed.ts";
import type { FunctionZone } from "../packages/config/zones.ts";
import { environmentOf } from "./environment.ts";
import { bucket, table } from "./storage.ts";

/** By the repository's own esbuild and Node, whatever Node runs this: what is deployed is what the tests have run. */
const bundles = join($cli.paths.work, "bundles");
execFileSync(join($cli.paths.root, "node_modules/.bin/node"), ["stacks/bundle.ts", "functions", bundles], {
  cwd: $cli.paths.root,
  stdio: "inherit",
});

/** Every function writes to a log group of its own and trusts only Lambda. */
type Lambda = {
  /** What the stack has made for it, besides table and bucket. */
  made?: Partial<Record<Made, $util.Input<string>>>;
  permissions?: sst.aws.FunctionPermissionArgs[];
  timeout?: sst.aws.FunctionArgs["timeout"];
  memory?: sst.aws.FunctionArgs["memory"];
  /** Lambda's own lines about each call are left out, but for what goes wrong: it is called all day. */
  isQuiet?: boolean;
};

export const logsOfFunction = (name: string) => `/aws/lambda/${$app.name}-${$app.stage}-${name}`;

/** `entry`: the file in functions/, without its ending: its zone. */
export function lambda(
  entry: FunctionZone,
  { made = {}, permissions = [], timeout = "30 seconds", memory = "512 MB", isQuiet = false }: Lambda,
) {
  const name = resourceName(entry);
  const logs = new aws.cloudwatch.LogGroup(`${name}Logs`, {
    name: logsOfFunction(name),
    retentionInDays: 30,
  });
  const { plain, secrets } = environmentOf(entry, { CODY_TABLE: table.name, CODY_BUCKET: bucket.name, ...made });
  return new sst.aws.Function(name, {
    bundle: join(bundles, entry),
    handler: "index.handler",
    runtime: "nodejs24.x",
    architecture: "arm64",
    timeout,
    memory,
    logging: { format: "json", logGroup: logs.name },
    transform: {
      function: (args) => {
        if (isQuiet) args.loggingConfig = { logFormat: "JSON", logGroup: logs.name, systemLogLevel: "WARN" };
      },
    },
    environment: { ...plain, ...secrets },
    permissions: [
      ...permissions,
      { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
    ],
  });
}

/**
 * SST 4.17.1 lets the account root assume the role of every function (in function.ts `!dev` tests an Output, which is
 * always truthy), and adds a managed policy with log rights on everything. Both are put right here, for functions that
 * components make as well.
 */
$transform(sst.aws.Function, (args) => {
  args.transform = {
    ...args.transform,
    role: (role) => {
      role.managedPolicyArns = [];
      role.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
    },
  };
});
