import english from "../words/en.json";

type LoginError = keyof typeof english.login.errors;

/** The `?error=` that the gateway sends back, if there is a sentence for it. */
export function loginError(code: string): LoginError {
  return Object.hasOwn(english.login.errors, code) ? (code as LoginError) : "unknown";
}
