import type { Attachment } from "../api/types";
import type english from "../words/en.json";

export type AttachmentKind = Exclude<keyof typeof english.attachments, "hint">;

const KINDS: AttachmentKind[] = [
  "image", "video", "audio", "file", "sticker", "location", "template", "fallback", "share", "story_mention", "reel",
]; // prettier-ignore

/** What an attachment is called. Webhooks name a type; what a sync fetched has a MIME type. */
export function attachmentKind({ type, mime_type: mime }: Pick<Attachment, "type" | "mime_type">): AttachmentKind {
  const ofMime = (["image", "video", "audio"] as const).find(kind => mime?.startsWith(`${kind}/`));
  const ofType = KINDS.find(kind => kind === type);
  if (ofType && ofType !== "file") return ofType;
  return ofMime ?? ofType ?? "other";
}
