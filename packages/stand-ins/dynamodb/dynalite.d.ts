type DynaliteItem = Record<string, { [type: string]: unknown }>;
type DynaliteIndex = { IndexName: string };
type DynaliteTable = { TableName: string; GlobalSecondaryIndexes?: DynaliteIndex[] };
type DynaliteCallback<T> = (error: unknown, value: T) => void;
type DynalitePut = { type: "put"; key: string; value: object };
type DynaliteStore = {
  getTable(name: string, callback: DynaliteCallback<DynaliteTable>): void;
  getItemDb(table: string): { batch(operations: DynalitePut[], callback: DynaliteCallback<void>): void };
  getIndexDb(
    type: "Global",
    table: string,
    index: string,
  ): { batch(operations: DynalitePut[], callback: DynaliteCallback<void>): void };
};

/** Parts of the pinned release, which its own server is made of. */
declare module "dynalite/db/index.js" {
  const db: {
    create(options: { createTableMs: number }): DynaliteStore;
    createKey(item: DynaliteItem, table: DynaliteTable): string;
    getIndexActions(
      indexes: DynaliteIndex[],
      before: undefined,
      item: DynaliteItem,
      table: DynaliteTable,
    ): { puts: { index: string; key: string; item: object }[] };
  };
  export default db;
}

declare module "dynalite/validations/index.js" {
  const validations: {
    checkTypes(data: object, types: object): object;
    checkValidations(data: object, types: object, custom: unknown, store: DynaliteStore): void;
  };
  export default validations;
}
