const MAX_FORMS = 500;

/**
 * What this process has shown in each open form. When two follow one form the older one gives up, and a click that was
 * on its way while the form changed is followed from what it shows now. A form that another process has changed comes
 * with a hash that is not known here, and that one counts.
 */
export function createShownForms() {
  const forms = new Map<string, { turn: number; hashes: readonly string[] }>();
  const learn = (id: string, hash: string | undefined) => {
    const { turn, hashes } = forms.get(id) ?? { turn: 0, hashes: [] };
    if (hash !== undefined && !hashes.includes(hash)) forms.set(id, { turn, hashes: [...hashes, hash] });
  };
  return {
    learn,
    begin(id: string, seen: string | undefined) {
      if (forms.size >= MAX_FORMS && !forms.has(id)) forms.clear();
      const { turn: before, hashes } = forms.get(id) ?? { turn: 0, hashes: [] };
      const turn = before + 1;
      forms.set(id, { turn, hashes });
      learn(id, seen);
      return { isNewest: () => forms.get(id)?.turn === turn, hash: () => forms.get(id)?.hashes.at(-1) };
    },
  };
}
