import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { unpackPlatform } from "./synth/platform.ts";
import { ROOT } from "./synth/synthesise.ts";

/** As `sst install` writes it for a project whose only provider is AWS; it needs a registry for that, so it stands here. */
const CONFIG_TYPES = `
import "./src/global.d.ts";
import { AppInput, App, Config } from "./src/config";
import * as _aws from "@pulumi/aws";
declare global {
  // @ts-ignore
  export import aws = _aws;
  interface Providers {
    providers?: { aws?: (_aws.ProviderArgs & { version?: string }) | boolean | string };
  }
  export const $config: (
    input: Omit<Config, "app"> & { app(input: AppInput): Omit<App, "providers"> & Providers },
  ) => Config;
}`;

/** Compiler messages about our files; those about the platform's own sources are its makers' business. */
async function compile(more: Record<string, string>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "cody-types-"));
  try {
    await mkdir(join(folder, ".sst"));
    const platform = join(folder, ".sst/platform");
    await rename(await unpackPlatform({ root: ROOT, folder }), platform);
    await writeFile(join(platform, "config.d.ts"), CONFIG_TYPES);
    await cp(join(ROOT, "stacks"), join(folder, "stacks"), { recursive: true });
    for (const file of ["sst.config.ts", "tsconfig.json", "package.json"])
      await cp(join(ROOT, file), join(folder, file));
    await symlink(join(ROOT, "packages"), join(folder, "packages"));
    for (const [file, text] of Object.entries(more)) await writeFile(join(folder, file), text);
    const output = await new Promise<string>((resolve) => {
      const tsc = join(ROOT, "node_modules/.bin/tsc");
      // Several checkers at once look at much of SST's sources again, each for itself.
      execFile(tsc, ["-p", "stacks", "--singleThreaded", "--pretty", "false"], { cwd: folder }, (_, stdout) =>
        resolve(stdout),
      );
    });
    expect(output, "tsc has read the platform: packages that are not installed are missed there").toContain(
      ".sst/platform/src",
    );
    return output.split("\n").filter((line) => /^(stacks\/|sst\.config)/.test(line));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("sst.config.ts and the stacks, against SST's own types", () => {
  it("compile; a stack that asks for what SST does not know would not", async () => {
    const messages = await compile({
      "stacks/wrong.ts": `new sst.aws.Dynamo("Wrong", { fields: {}, primaryIndex: "pk" });`,
    });
    expect(messages).toEqual([expect.stringMatching(/^stacks\/wrong\.ts.*TS2322/)]);
  });
});
