import { useState } from "react";

import { initialsOf, tintOf } from "../text/initials";
import styles from "./parts.module.css";

type Size = "xs" | "sm" | "md" | "lg";

interface PagePictureProps {
  id: number;
  name: string;
  url: string | null | undefined;
  size: Size;
}

/** A Page's picture, or its initials where it has none. Square, so that it is told apart from people. */
export function PagePicture({ id, name, url, size }: PagePictureProps) {
  const [failedUrl, setFailedUrl] = useState<string | null>(null);
  if (url && url !== failedUrl) {
    return (
      <img
        src={url}
        alt=""
        loading="lazy"
        className={styles.pagePicture}
        data-size={size}
        onError={() => setFailedUrl(url)}
      />
    );
  }
  return (
    <span aria-hidden className={styles.pagePicture} data-size={size} data-tint={tintOf(id, 6)}>
      {initialsOf(name).slice(0, size === "xs" ? 1 : 2)}
    </span>
  );
}
