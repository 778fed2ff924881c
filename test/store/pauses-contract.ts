import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPauses } from "../../packages/store/pauses.ts";
import { connect, TABLE } from "../stand-ins/dynamodb-folder.ts";

const WHO = { url: "https://api.anthropic.com", apiKey: "sk-ant-very-secret", model: "claude-sonnet-5-5" };
const at = (time: string) => new Date(`2026-11-22T${time}Z`);

export const pausesContract = (table: { url: string }) =>
  describe("pauses", () => {
    let pauses: ReturnType<typeof createPauses>;
    let documents: ReturnType<typeof connect>;
    beforeAll(() => {
      documents = connect(table.url);
      pauses = createPauses({ documents, table: TABLE });
    });
    afterAll(() => documents.destroy());

    it("the time only moves forward, in whatever order the runs tell it", async () => {
      const pause = pauses({ ...WHO, apiKey: crypto.randomUUID() });
      expect(await pause.until()).toBeUndefined();
      await pause.extend(at("12:00:05"));
      await pause.extend(at("12:00:01"));
      expect(await pause.until()).toEqual(at("12:00:05"));
      await Promise.all(
        Array.from({ length: 30 }, (_, i) => pause.extend(at(`12:01:${String((i * 7) % 30).padStart(2, "0")}`))),
      );
      expect(await pause.until()).toEqual(at("12:01:29"));
    });

    it("holds for one account and model at one address, and for no other", async () => {
      await pauses(WHO).extend(at("12:00:00"));
      for (const other of [{ apiKey: "another" }, { model: "claude-opus-5-5" }, { url: "https://proxy.example" }])
        expect(await pauses({ ...WHO, ...other }).until()).toBeUndefined();
    });

    it("leaves no key in the table, and goes by itself after an hour", async () => {
      await pauses(WHO).extend(at("12:00:00"));
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: TABLE }));
      expect(JSON.stringify(Items)).not.toContain("secret");
      expect(Items.find(({ until }) => until === at("12:00:00").toISOString())?.expiresAt).toBe(
        at("13:00:00").getTime() / 1_000,
      );
    });
  });
