import {
  type Icon,
  IconFile,
  IconLink,
  IconMapPin,
  IconMicrophone,
  IconMovie,
  IconPaperclip,
  IconPhoto,
  IconSticker,
  IconTemplate,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Attachment } from "../api/types";
import { singleLine } from "../text/contained";
import { fileSize } from "../text/file_size";
import { localeOf } from "../words/languages";
import { attachmentKind, type AttachmentKind } from "./attachment_kind";
import styles from "./thread.module.css";

const ICONS: Partial<Record<AttachmentKind, Icon>> = {
  image: IconPhoto,
  video: IconMovie,
  reel: IconMovie,
  audio: IconMicrophone,
  file: IconFile,
  sticker: IconSticker,
  location: IconMapPin,
  template: IconTemplate,
  fallback: IconLink,
};

/** That there is an attachment and what it is; it is opened in the Page's own inbox. */
export function AttachmentChip({ attachment }: { attachment: Attachment }) {
  const { t, i18n } = useTranslation();
  const kind = attachmentKind(attachment);
  const ChipIcon = ICONS[kind] ?? IconPaperclip;
  const name = attachment.name ? singleLine(attachment.name) : "";
  return (
    <span className={styles.chip} title={t("attachments.hint")}>
      <ChipIcon size={18} stroke={1.6} aria-hidden className={styles.chipIcon} />
      <span className={styles.chipText}>
        <span>{t(`attachments.${kind}`)}</span>
        {name && <bdi className={`${styles.chipName} one-line`}>{name}</bdi>}
      </span>
      {!!attachment.size && (
        <span className={styles.chipSize}>{fileSize(attachment.size, localeOf(i18n.language))}</span>
      )}
    </span>
  );
}
