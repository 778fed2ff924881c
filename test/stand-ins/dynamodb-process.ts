import { startDynamo } from "../../packages/stand-ins/dynamodb/dynamo.ts";
import { tableDefinition } from "../../packages/store/table.ts";
import { CREDENTIALS, TABLE } from "./dynamodb-folder.ts";

/** The stand-in as a process of its own, for tests that kill it. Arguments: folder. Prints its address. */
const [folder = ""] = process.argv.slice(2);
try {
  const tables = [tableDefinition(TABLE)];
  const dynamo = await startDynamo({ folder, tables, log: (line) => console.error(line), ...CREDENTIALS });
  console.log(dynamo.url);
} catch (cause) {
  console.error(String(cause));
  process.exit(3);
}
