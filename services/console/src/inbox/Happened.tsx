import { useTranslation } from "react-i18next";

import type { ConversationEvent } from "../api/types";
import { clockTime, fullTime } from "../time/format";
import { useTimeStyle } from "../time/time_style";
import { eventInWords } from "./event_words";
import styles from "./thread.module.css";

/** Something that happened and is not a message: a line between the bubbles. */
export function Happened({ event, time }: { event: ConversationEvent; time: Date }) {
  const { t } = useTranslation();
  const style = useTimeStyle();
  return (
    <p className={`${styles.happened} from-outside`} data-testid="happened">
      {eventInWords(event, t)}
      {" · "}
      <time dateTime={event.at} title={fullTime(time, style)}>
        {clockTime(time, style)}
      </time>
    </p>
  );
}
