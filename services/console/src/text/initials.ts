import { singleLine } from "./contained";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** At most two letters that stand for a name; none where it has no letter or digit. */
export function initialsOf(name: string): string {
  const words = singleLine(name)
    .split(/\s+/u)
    .map(firstLetter)
    .filter(letter => letter !== "");
  const last = words.length > 1 ? words.at(-1) : undefined;
  return ((words[0] ?? "") + (last ?? "")).toLocaleUpperCase();
}

/** The first letter or digit, with one accent at most: a tower of accents would leave its circle. */
function firstLetter(word: string): string {
  for (const { segment } of graphemes.segment(word)) {
    const letter = /^[\p{L}\p{N}]\p{M}?/u.exec(segment)?.[0];
    if (letter) return letter.normalize("NFC");
  }
  return "";
}

/** One of `count` colours, always the same for the same id. */
export function tintOf(id: number, count: number): number {
  return Math.abs(Math.imul(id, 2_654_435_761) >> 8) % count;
}
