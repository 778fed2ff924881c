/** Where a process meets its fault: at the nth of its effects, counted from one. */
export type Fault = {
  nth: number;
  /** Only effects of this name are counted. */
  of?: string;
  when: "before" | "after";
  /**
   * `dies`: as after SIGKILL, it does nothing any more. `fails`: the call throws and the process goes on; after the
   * effect that is a lost answer. `stalls`: it stands still for as long as `meanwhile` takes, and then goes on.
   */
  how: "dies" | "fails" | "stalls";
};

/**
 * The same effects as seen by a process that meets one fault. `met`: the name of the effect, once it has. `died`: never
 * settles unless the process dies. Calls that ask nothing of the world (`now`, `log`) are given beside it.
 */
export function faulty<Effects extends object>(effects: Effects, fault: Fault, meanwhile: () => Promise<unknown>) {
  const death = Promise.withResolvers<"died">();
  const dead = new Promise<never>(() => {});
  let count = 0;
  let isDead = false;
  let met: string | undefined;

  const happen = async () => {
    if (fault.how === "stalls") return void (await meanwhile());
    if (fault.how === "fails") throw new Error(`${met} failed`);
    isDead = true;
    death.resolve("died");
    return dead;
  };

  async function call(name: string, act: () => unknown): Promise<unknown> {
    if (isDead) return dead;
    if (fault.of === undefined || fault.of === name) count += 1;
    if (count !== fault.nth || met !== undefined) return act();
    met = `${name}, ${fault.when} it`;
    if (fault.when === "before") await happen();
    const answer = await act();
    if (fault.when === "after") await happen();
    return answer;
  }

  const seen = <Of extends object>(of: Of, path: string): Of =>
    new Proxy(of, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === "object" && value !== null) return seen(value, `${path}${String(name)}.`);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => call(`${path}${String(name)}`, () => value.apply(target, given));
      },
    });

  return { effects: seen(effects, ""), died: death.promise, met: () => met };
}
