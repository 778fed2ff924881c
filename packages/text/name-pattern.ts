/** Whether a name fits `*` and `?`, in a time that does not explode with the number of stars. */
export function fitsName(name: string, pattern: string): boolean {
  let [at, in_, star, back] = [0, 0, -1, 0];
  while (at < name.length) {
    if (pattern[in_] === "*") [star, back] = [in_++, at];
    else if (pattern[in_] === "?" || pattern[in_] === name[at]) [at, in_] = [at + 1, in_ + 1];
    else if (star >= 0) [in_, at] = [star + 1, ++back];
    else return false;
  }
  return /^\**$/.test(pattern.slice(in_));
}
