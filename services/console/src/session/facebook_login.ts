/** Where Facebook's dialog starts. With a session it adds Pages to the account; without one it signs in. */
export function facebookLoginUrl(returnTo: string): string {
  return `/auth/facebook/login?${new URLSearchParams({ return_to: pathOfOurs(returnTo) })}`;
}

/** Links that lead here may carry any address; only paths of this console are gone back to. */
export function pathOfOurs(path: string | undefined): string {
  return path && /^\/(?![/\\])/u.test(path) && !path.startsWith("/login") ? path : "/inbox";
}
