/** The candidate that `word` was most probably meant to be, or undefined: at most one letter in three is wrong; case, `-`, `_` and `.` do not count. */
export function nearMiss(word: string, candidates: Iterable<string>): string | undefined {
  const meant = plain(word);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(meant.length / 3)) + 1;
  for (const candidate of candidates) {
    const found = distance(meant, plain(candidate), least);
    if (found < least) [best, least] = [candidate, found];
  }
  return best;
}

const plain = (text: string): string => text.toLowerCase().replace(/[-_.]/g, '');

/** Optimal string alignment: insert, delete, replace or swap two neighbours cost 1 each. Not counted beyond `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
