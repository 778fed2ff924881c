import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleConfig } from "./bundle.ts";
import { unpackPlatform } from "./platform.ts";

export const ROOT = join(import.meta.dirname, "../../..");

export type Resource = { type: string; name: string; inputs: Record<string, unknown> };
export type Synthesis = { app: Record<string, unknown>; outputs?: Record<string, unknown>; resources: Resource[] };

/**
 * Everything that `sst deploy` would ask AWS for, worked out with no network, no account and no Pulumi engine.
 * `settings` is the whole environment of the deploying person: secrets as SST_SECRET_<Name>.
 */
export async function openSynthesis() {
  const folder = await mkdtemp(join(tmpdir(), "cody-synthesis-"));
  const platform = await unpackPlatform({ root: ROOT, folder });
  const program = await bundleConfig({ root: ROOT, platform, folder });
  return {
    folder,
    async run({ stage, settings }: { stage: string; settings: Record<string, string> }): Promise<Synthesis> {
      const work = join(folder, stage);
      await mkdir(work, { recursive: true });
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--no-deprecation", join(import.meta.dirname, "child.ts"), program, ROOT, work, stage],
        { env: { PATH: process.env.PATH, HOME: folder, ...settings }, maxBuffer: 64 * 1024 * 1024 },
      );
      return JSON.parse(stdout.slice(stdout.indexOf('{"app"')));
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
