/** The longest name that an account or a key may have, in characters. */
const LONGEST = 120;

export function accountNameProblem(name: string) {
  if (name.trim() === "") return "settings.nameMissing" as const;
  return isLong(name) ? ("settings.nameLong" as const) : null;
}

export function keyNameProblem(name: string) {
  if (name.trim() === "") return "keys.nameMissing" as const;
  return isLong(name) ? ("keys.nameLong" as const) : null;
}

function isLong(name: string): boolean {
  return [...name.trim()].length > LONGEST;
}
