import { randomUUID } from "node:crypto";
import { type Item, itemBytes } from "./item.ts";

/** One change as Lambda gets it from a table's stream with view type NEW_IMAGE; images in DynamoDB's JSON. */
export type StreamRecord = {
  eventID: string;
  eventName: "INSERT" | "MODIFY" | "REMOVE";
  eventVersion: "1.1";
  eventSource: "aws:dynamodb";
  awsRegion: string;
  eventSourceARN: string;
  dynamodb: {
    /** Seconds since 1970. */
    ApproximateCreationDateTime: number;
    Keys: Item;
    /** Absent for REMOVE. */
    NewImage?: Item;
    /** 21 digits, compares as text. */
    SequenceNumber: string;
    SizeBytes: number;
    StreamViewType: "NEW_IMAGE";
  };
};

export type ItemChange = { table: string; key: Item; before: Item | undefined; after: Item | undefined };

export const sequenceNumber = (n: number) => String(n).padStart(21, "0");

const ACCOUNT = "000000000000";

export function recordOf(
  change: ItemChange,
  sequence: number,
  { region, at }: { region: string; at: Date },
): StreamRecord {
  const { table, key, before, after } = change;
  return {
    eventID: randomUUID().replaceAll("-", ""),
    eventName: before ? (after ? "MODIFY" : "REMOVE") : "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: region,
    eventSourceARN: `arn:aws:dynamodb:${region}:${ACCOUNT}:table/${table}/stream/2026-01-01T00:00:00.000`,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(at.getTime() / 1000),
      Keys: key,
      ...(after && { NewImage: after }),
      SequenceNumber: sequenceNumber(sequence),
      SizeBytes: itemBytes(key) + (after ? itemBytes(after) : 0),
      StreamViewType: "NEW_IMAGE",
    },
  };
}

export const tableOf = (record: StreamRecord) => record.eventSourceARN.split("/")[1] ?? "";
