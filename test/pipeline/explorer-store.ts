import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Artifacts } from "../../packages/store/artifacts.ts";
import { clientOf, memoryTable } from "../store/memory-table.ts";
import type { Schedule } from "./explorer-schedule.ts";

/** The table's client. A write whose answer is lost is sent again, as the SDK does by itself. */
export function memoryDocuments(schedule: Schedule) {
  const table = memoryTable();
  return clientOf(async (command) => {
    const name = nameOf(command);
    let lost = false;
    const send = () =>
      schedule.effect(name, () => {
        const answer = table.answer(command);
        lost = !isRead(command) && !lost && schedule.answerLost(name);
        return answer;
      });
    const first = await send();
    return lost ? send() : first;
  });
}

const isRead = (command: unknown) => command instanceof GetCommand || command instanceof QueryCommand;

function nameOf(command: unknown): string {
  const { Key, Item } = (command as { input: { Key?: { sk: string }; Item?: { sk: string } } }).input;
  const [kind = "rows"] = (Key?.sk ?? Item?.sk ?? "rows").split("#");
  return `${(command as object).constructor.name.replace("Command", "").toLowerCase()} ${kind}`;
}

/** The bucket's objects, put once; with `rewrites` a later one takes the place of the first. */
export function memoryArtifacts(schedule: Schedule, { rewrites = false } = {}): Artifacts {
  const objects = new Map<string, Uint8Array>();
  return {
    putOnce: (key, body) =>
      schedule.effect(`put ${kindOf(key)}`, () => {
        if (objects.has(key) && !rewrites) return "exists";
        objects.set(key, Buffer.from(body));
        // The client asks again when the answer was lost, and then hears of its own first try.
        return schedule.answerLost(`put ${kindOf(key)}`) ? "exists" : "stored";
      }),
    read: (key) => schedule.effect(`read ${kindOf(key)}`, () => objects.get(key)),
    async *list(prefix) {
      const keys = await schedule.effect("list", () => [...objects.keys()].filter((key) => key.startsWith(prefix)));
      yield* keys.toSorted();
    },
    link: async (key) => key,
  };
}

/** `turns`, `snapshot`, `patch`, `outcome` and the like. */
const kindOf = (key: string) => (key.includes("/turns/") ? "turn" : (/([a-z]+)[^/]*$/.exec(key)?.[1] ?? "object"));
