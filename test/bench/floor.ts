import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { readConfig } from "../../packages/config/read.ts";
import type { Figure } from "./figure.ts";
import type { Rig } from "./rig.ts";

const TURNS = 20;
const PROGRAM = join(import.meta.dirname, "floor-process.ts");

/**
 * CPU of a bare program with the runner's clients and nothing else, which for each turn reads one row, writes one, asks
 * the scripted model and puts one object: what a turn of the harness cannot go below.
 */
export async function floorFigures({ env }: Pick<Rig, "env">): Promise<Figure[]> {
  const { CODY_TABLE, CODY_BUCKET } = readConfig("health", env);
  const cpuMs = async (turns: number) => {
    const given = { ...env, CODY_TABLE, CODY_BUCKET, PATH: process.env.PATH };
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, String(turns)], { env: given });
    return Number(stdout);
  };
  // Node keeps what it compiles from the first time on.
  await cpuMs(1);
  const [one, all] = [await cpuMs(1), await cpuMs(TURNS)];
  return [
    {
      name: "bare program, CPU per turn",
      value: (all - one) / (TURNS - 1),
      goal: 20,
      unit: "ms",
      note: `the runner's clients alone; start and first turn ${one.toFixed(0)} ms`,
    },
  ];
}
