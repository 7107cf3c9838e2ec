import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const said = signal<{ text: string; tone: "ok" | "bad" } | undefined>(undefined);

/** Tells what became of what a person did: for a few seconds on the screen, and by the screen reader. */
export function announce(text: string, tone: "ok" | "bad" = "ok"): void {
  said.value = { text, tone };
}

export function Announcements() {
  const current = said.value;
  useEffect(() => {
    if (!current) return;
    const timer = window.setTimeout(() => {
      said.value = undefined;
    }, 6000);
    return () => window.clearTimeout(timer);
  }, [current]);
  return (
    <div class="toasts" role="status">
      {current && <p class={`toast ${current.tone}`}>{current.text}</p>}
    </div>
  );
}
