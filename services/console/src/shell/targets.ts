/** Something that Ctrl-K leads to. */
export interface Target {
  key: string;
  name: string;
  kind: string;
  go: () => void;
}

/** Those whose name holds what was typed, accents or not; names that begin with it first. */
export function findTargets(targets: Target[], typed: string): Target[] {
  const wanted = plain(typed.trim());
  const found = targets.filter(({ name }) => plain(name).includes(wanted));
  const begins = ({ name }: Target) => plain(name).startsWith(wanted);
  return [...found.filter(begins), ...found.filter(target => !begins(target))];
}

function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/đ/giu, "d")
    .replace(/ø/giu, "o")
    .replace(/æ/giu, "ae")
    .toLocaleLowerCase();
}
