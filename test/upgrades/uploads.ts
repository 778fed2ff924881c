import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import {
  environmentThrough,
  type Proxied,
  type StandIn,
  startProxied,
  startStandIn,
} from "../sandbox/registries/stand-in.ts";
import { UPLOAD_TOKEN, UPLOADERS, type Uploader } from "./uploaders.ts";

const UPLOAD_MS = 300_000;
const run = promisify(execFile);

export type UploadResult = { client: string } & (
  | { kind: "refused"; by: string }
  | { kind: "missing"; why: string }
  | { kind: "wrong"; why: string }
);

/**
 * Publishes a made-up package with each client, as commands reach registries, to a registry that keeps all that
 * arrives. It must hear no more than questions, and never the token.
 */
export async function tryUploads(folder: string, isWanted: (client: string) => boolean): Promise<UploadResult[]> {
  await using registry = await startStandIn();
  await using proxy = await startProxied(registry);
  const settings = join(folder, "settings");
  await mkdir(settings, { recursive: true });
  const plain = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), ".rustup"),
    npm_config_update_notifier: "false",
  };
  const env = { ...environmentThrough(proxy, settings), ...plain };
  const results: UploadResult[] = [];
  for (const uploader of UPLOADERS.filter(({ client }) => isWanted(client)))
    results.push(await tryOne(uploader, { folder: join(folder, uploader.client), plain, env, registry, proxy }));
  return results;
}

type Place = {
  folder: string;
  /** To fetch what the client itself needs. */
  plain: Record<string, string>;
  env: Record<string, string>;
  registry: StandIn;
  proxy: Proxied;
};

async function tryOne(uploader: Uploader, { folder, plain, env, registry, proxy }: Place): Promise<UploadResult> {
  const { client, program, files, prepare, answers, publish } = uploader;
  const found = await run("sh", ["-c", `command -v ${program}`], { env: plain }).catch(() => undefined);
  if (!found) return { client, kind: "missing", why: `there is no ${program}` };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const inFolder = (environment: Record<string, string>) => ({ cwd: folder, env: environment, timeout: UPLOAD_MS });
  if (prepare) await run("sh", ["-c", prepare], inFolder({ ...plain, PATH: [plain.PATH, "."].join(delimiter) }));
  registry.forget();
  registry.answers = (asked, answer) => void answer.end(answers?.[asked.url ?? ""] ?? "{}");
  proxy.log.length = 0;
  const end = await run("sh", ["-c", publish], inFolder(env)).then(
    () => "it published",
    ({ stdout = "", stderr = "" }) => `${stdout}${stderr}`.trim().slice(-600),
  );
  const refused = proxy.log.filter((one) => one.refused).map(({ method, status }) => `${method} ${status}`);
  const arrived = registry.arrived();
  const methods = arrived.match(/^[A-Z]+(?= \S+ HTTP\/1\.1\r$)/gm) ?? [];
  const wrong = [
    ...(end === "it published" ? [end] : []),
    ...(refused.length === 0 ? [`nothing was refused: ${end}`] : []),
    ...(methods.some((method) => !["GET", "HEAD"].includes(method)) ? [`there arrived ${methods.join(", ")}`] : []),
    ...(arrived.includes(UPLOAD_TOKEN) ? ["its token arrived"] : []),
  ];
  return wrong.length > 0
    ? { client, kind: "wrong", why: wrong.join("; ") }
    : { client, kind: "refused", by: [...new Set(refused)].join(", ") };
}
