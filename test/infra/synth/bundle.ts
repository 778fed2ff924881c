import { isBuiltin } from "node:module";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

/** In the folder that is given: the bundle. */
export const PROGRAM = "program.mjs";

/**
 * Bundles sst.config.ts as the sst CLI does, with the platform's shim for `$config` and its like, and the Pulumi packages
 * outside. `sst`, `aws`, `$app`, `$cli` and `$dev` are left as globals, which the child process sets before it runs the stacks.
 */
export async function bundleConfig({ root, platform, folder }: { root: string; platform: string; folder: string }) {
  const from = (path: string) => JSON.stringify(join(platform, path));
  await build({
    stdin: {
      contents: `
        export { run } from ${from("src/auto/run.ts")};
        export * as sst from ${from("src/components/index.ts")};
        export * as aws from "@pulumi/aws";
        export { default as config } from "./sst.config.ts";`,
      resolveDir: root,
      loader: "ts",
    },
    outfile: join(folder, PROGRAM),
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    inject: [join(platform, "src/shim/run.js")],
    external: ["@pulumi/pulumi", "@pulumi/aws", "@pulumi/aws/*", "esbuild", "glob"],
    plugins: [absentPackages],
    tsconfigRaw: {},
    logLevel: "silent",
    banner: { js: `import { createRequire as c } from "node:module"; const require = c(import.meta.url);` },
  });
}

/**
 * Packages of the platform that this repository does not install. Only the resources our stacks reach through SST's
 * components are given; anything else from them is absent and fails loudly when touched.
 */
const ABSENT: Record<string, string> = {
  "@pulumi/docker-build": `
    const { CustomResource } = require("@pulumi/pulumi");
    exports.Platform = { Linux_arm64: "linux/arm64", Linux_amd64: "linux/amd64" };
    exports.Image = class extends CustomResource {
      constructor(name, args, opts) { super("docker-build:index:Image", name, { digest: undefined, ref: undefined, ...args }, opts); }
    };`,
  "@pulumi/random": `
    const { CustomResource } = require("@pulumi/pulumi");
    exports.RandomBytes = class extends CustomResource {
      constructor(name, args, opts) { super("random:index/randomBytes:RandomBytes", name, { base64: undefined, ...args }, opts); }
    };`,
  archiver: `
    module.exports = () => {
      const names = [];
      let sink;
      return {
        on() {}, pipe(stream) { sink = stream; }, file(from, { name }) { names.push(name); },
        append(content, { name }) { names.push(name); }, async finalize() { sink.end(names.join("\\n")); },
      };
    };`,
};

const absentPackages: Plugin = {
  name: "absent-packages",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[@a-z]/ }, ({ path, importer }) =>
      importer.includes("/platform/src/") && !isBuiltin(path) && !PRESENT.test(path)
        ? { path, namespace: "absent" }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "absent" }, ({ path }) => ({
      contents: ABSENT[path] ?? "",
      resolveDir: import.meta.dirname,
    }));
  },
};
const PRESENT = /^(@pulumi\/(pulumi|aws)(\/.*)?|esbuild|glob)$/;
