/** Meta's own inbox of a Page; without its id, the inbox of the Page that was open last. */
export function pageInboxUrl(pageId: string | undefined): string {
  const url = new URL("https://business.facebook.com/latest/inbox/all");
  if (pageId) url.searchParams.set("asset_id", pageId);
  return url.href;
}
