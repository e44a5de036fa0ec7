import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

interface EndOptions {
  scroller: RefObject<HTMLElement | null>;
  hasMessages: boolean;
  isAtEndNow: () => boolean;
  scrollToEnd: () => void;
}

/** So long after a gesture, a scroll is the reader's and not the layout's. */
const GESTURE_MS = 1_000;

/**
 * Opens a thread at its end and stays there while messages are measured and the room for them changes; only the reader
 * leaves the end.
 */
export function useEnd(options: EndOptions) {
  const { scroller, hasMessages } = options;
  const [isAtEnd, setIsAtEnd] = useState(true);
  const gestureAt = useRef(Number.NEGATIVE_INFINITY);
  const latest = useRef({ ...options, isAtEnd });
  useEffect(() => {
    latest.current = { ...options, isAtEnd };
  });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!hasMessages || !element) return;
    latest.current.scrollToEnd();
    const observer = new ResizeObserver(() => latest.current.isAtEnd && latest.current.scrollToEnd());
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasMessages, scroller]);

  function onScroll(): void {
    if (options.isAtEndNow()) setIsAtEnd(true);
    else if (performance.now() - gestureAt.current < GESTURE_MS) setIsAtEnd(false);
    else if (isAtEnd) options.scrollToEnd();
  }
  function onGesture(): void {
    gestureAt.current = performance.now();
  }

  return {
    isAtEnd,
    onScroll,
    onWheel: onGesture,
    onTouchMove: onGesture,
    onPointerDown: onGesture,
    onKeyDown: onGesture,
  };
}
