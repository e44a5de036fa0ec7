import { IconBrandInstagram, IconBrandMessenger, IconUser } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { known, PLATFORMS } from "../api/known";
import type { Conversation } from "../api/types";
import { initialsOf, tintOf } from "../text/initials";
import styles from "./parts.module.css";

interface ContactAvatarProps {
  contact: Conversation["contact"];
  platform: Conversation["platform"];
  size?: "md" | "lg";
}

/** A customer's picture or initials, with the badge of the platform they write by. */
export function ContactAvatar({ contact, platform, size = "md" }: ContactAvatarProps) {
  const [failedUrl, setFailedUrl] = useState<string | null>(null);
  const url = contact.picture_url;
  const initials = contact.name ? initialsOf(contact.name) : "";
  return (
    <span className={styles.contactAvatar} data-size={size} data-tint={tintOf(contact.id, 6)}>
      {url && url !== failedUrl ? (
        <img src={url} alt="" loading="lazy" className={styles.contactPicture} onError={() => setFailedUrl(url)} />
      ) : initials ? (
        <span aria-hidden>{initials}</span>
      ) : (
        <IconUser size={20} aria-hidden />
      )}
      <PlatformBadge platform={platform} />
    </span>
  );
}

function PlatformBadge({ platform }: { platform: Conversation["platform"] }) {
  const { t } = useTranslation();
  const Icon = platform === "instagram" ? IconBrandInstagram : IconBrandMessenger;
  return (
    <span
      className={styles.platformBadge}
      data-platform={platform}
      title={t(`contact.${known(PLATFORMS, platform) ?? "messenger"}`)}
    >
      <Icon size={12} stroke={2.4} aria-hidden />
    </span>
  );
}
