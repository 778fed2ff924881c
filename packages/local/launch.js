#!/usr/bin/env node
/**
 * What `npm start`, `npm run demo`, `npm run doctor` and `cody` run first: `launch.js [demo|start|doctor] [options]`. It
 * is plain JavaScript without imports of ours, so that an older Node, or an install that never ran, is met by a sentence.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** As a shell takes it: in quotes where it needs them. */
const TYPED_ROOT = /^[\w./-]+$/.test(ROOT) ? ROOT : `'${ROOT.replaceAll("'", "'\\''")}'`;

const isNewEnough = Number.parseInt(process.versions.node, 10) >= NEEDED;
const ownNode = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));

function missing() {
  if (!existsSync(new URL("../../node_modules/zod", import.meta.url)))
    return `Cody is not installed yet. Run this once: npm --prefix ${TYPED_ROOT} ci --omit=dev`;
  if (!isNewEnough && !existsSync(ownNode))
    return (
      `Cody needs Node ${NEEDED}, and this is Node ${process.versions.node}. The install brings Node ${NEEDED}, unless npm ` +
      `leaves out install scripts: run npm --prefix ${TYPED_ROOT} ci --omit=dev --ignore-scripts=false, or install Node ${NEEDED}.`
    );
  return undefined;
}

/** The last one is a terminal that closes. */
const STOPPING = ["SIGINT", "SIGTERM", "SIGHUP"];
const sayStopped = () => console.error("Stopped. Nothing is left behind.");

/** While a program still loads, nothing has begun. What a signal means later is the program's own: told-to-stop.ts. */
function answerWhileLoading() {
  for (const signal of STOPPING)
    process.on(signal, () => {
      sayStopped();
      process.exit(128 + constants.signals[signal]);
    });
}

/** `cody` is started with the system's Node. The child decides what a signal means, also one that a terminal sent to both. */
async function onOwnNode() {
  const child = spawn(ownNode, process.argv.slice(1), { stdio: "inherit" });
  for (const signal of STOPPING) process.on(signal, () => child.kill(signal));
  const [status, signal] = await once(child, "exit");
  // It came before the child could answer.
  if (STOPPING.includes(signal)) sayStopped();
  return status ?? 128 + constants.signals[signal];
}

const sentence = missing();
if (sentence) {
  console.error(sentence);
  process.exitCode = 2;
} else if (isNewEnough) {
  answerWhileLoading();
  await import("./run.ts");
} else process.exitCode = await onOwnNode();
