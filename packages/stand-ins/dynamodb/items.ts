import type { Item } from "./item.ts";

type Stored = { table: string; key: Item; image: Item };

const idOf = (key: Item) => JSON.stringify(Object.entries(key).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Every item as the journal leaves it, by table and key. */
export const createItems = () => {
  const stored = new Map<string, Stored>();
  const at = (table: string, key: Item) => `${table} ${idOf(key)}`;
  return {
    get: (table: string, key: Item) => stored.get(at(table, key))?.image,
    set(table: string, key: Item, image: Item | undefined) {
      if (image) stored.set(at(table, key), { table, key, image });
      else stored.delete(at(table, key));
    },
    all: () => stored.values(),
  };
};
export type Items = ReturnType<typeof createItems>;
