import { execFile } from "node:child_process";
import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);

/** What SST's own `.sst/platform` holds, less its node_modules: ours are linked in, pinned to the versions it ships with. */
const PARTS = ["src", "dist", "functions", "package.json", "tsconfig.json", "version"];

/**
 * Unpacks the component sources that the sst binary carries. `sst install` writes them first and then fails to reach a
 * registry that is not there, so its exit code says nothing: the copy below fails when nothing was unpacked.
 */
export async function unpackPlatform({ root, folder }: { root: string; folder: string }): Promise<string> {
  const scratch = join(folder, "scratch");
  await mkdir(scratch, { recursive: true });
  await writeFile(join(scratch, "package.json"), `{"name":"scratch","type":"module"}`);
  await writeFile(
    join(scratch, "sst.config.ts"),
    `export default $config({ app: () => ({ name: "scratch", home: "aws" }), async run() {} });`,
  );
  await new Promise<void>((resolve) => {
    execFile(binary(), ["install"], { cwd: scratch, env: { ...OFFLINE, HOME: folder, PATH: process.env.PATH } }, () =>
      resolve(),
    );
  });
  const platform = join(folder, "platform");
  for (const part of PARTS) {
    await cp(join(scratch, ".sst/platform", part), join(platform, part), { recursive: true });
  }
  await rm(scratch, { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return platform;
}

const OFFLINE = {
  SST_STAGE: "scratch",
  SST_SKIP_DEPENDENCY_CHECK: "true",
  SST_NO_BUN: "1",
  SST_TELEMETRY_DISABLED: "1",
  AWS_EC2_METADATA_DISABLED: "true",
  NPM_REGISTRY: "http://127.0.0.1:9",
};

/** The platform package holds nothing but the binary; its name follows the pattern of node's own words. */
const binary = () => require.resolve(`sst-${process.platform}-${process.arch}/bin/sst`);
