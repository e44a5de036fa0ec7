import { fullTime, timeAgo, timeUntil, type TimeStyle } from "./format";
import { useNow } from "./now";
import { useTimeStyle } from "./time_style";

type Say = (time: Date, now: Date, style: TimeStyle) => string;

/** "2 min ago", and the whole time on hover. */
export function TimeAgo({ at, className }: { at: string; className?: string | undefined }) {
  return <Time at={at} say={timeAgo} className={className} />;
}

/** "in 9 days", and the whole time on hover. */
export function TimeUntil({ at }: { at: string }) {
  return <Time at={at} say={timeUntil} />;
}

function Time({ at, say, className }: { at: string; say: Say; className?: string | undefined }) {
  const now = useNow();
  const style = useTimeStyle();
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return null;
  return (
    <time dateTime={at} title={fullTime(time, style)} className={className}>
      {say(time, now, style)}
    </time>
  );
}
